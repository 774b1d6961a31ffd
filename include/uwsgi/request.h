// SPDX-License-Identifier: MIT
//
// One request, as the gateway reads it: whatever the wire protocol was, it arrives
// as CGI variables and a body.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace uwsgi {

// One CGI variable. The views point into the connection's buffer.
struct Var {
  std::string_view key;
  std::string_view value;
};

// The protocol that a socket speaks to its peer.
enum class Wire { kUwsgi, kHttp };

// Immutable once a gateway sees it. Every view lives until the exchange ends.
struct Request {
  // In wire order; a duplicate key is legal, the last one counts. Always holds
  // REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, QUERY_STRING, SERVER_NAME, SERVER_PORT and
  // SERVER_PROTOCOL: the connection makes up what the peer left out, as PEP 3333 wants.
  // Never holds a `wsgi.*` or `uwsgi.*` variable. UWSGI_FILE, UWSGI_SETENV and their like may be
  // there and are without effect: nobody but the application reads them.
  std::vector<Var> vars;

  // The values of these variables, empty when absent.
  std::string_view method;       // REQUEST_METHOD
  std::string_view uri;          // REQUEST_URI, as the client sent it
  std::string_view path_info;    // PATH_INFO
  std::string_view script_name;  // SCRIPT_NAME, or UWSGI_APPID
  std::string_view protocol;     // SERVER_PROTOCOL; the response never echoes it
  std::string_view remote_addr;  // REMOTE_ADDR
  std::string_view remote_user;  // REMOTE_USER
  std::string_view host;         // HTTP_HOST
  std::string_view user_agent;   // HTTP_USER_AGENT
  std::string_view referer;      // HTTP_REFERER
  std::string_view scheme;       // wsgi.url_scheme: UWSGI_SCHEME, X-Forwarded-Proto, HTTPS, …

  // The body's length; nothing when it is chunked. 0 when there is no body.
  std::optional<std::uint64_t> content_length = 0;

  Wire wire = Wire::kUwsgi;
  std::uint32_t packet_size = 0;  // Bytes of the vars block, or of the HTTP head.
  std::uint32_t packet_vars = 0;  // Variables in it, before the server's own were added.
  std::uint8_t modifier1 = 0;
  std::uint8_t modifier2 = 0;

  std::uint64_t id = 0;  // Counts up in the worker, from 1.
  int core = 0;          // The slot that serves it, 0 ... threads-1.
  std::chrono::system_clock::time_point started_at;

  bool is_head() const { return method == "HEAD"; }
};

enum class ReadStatus {
  kOk,
  kTruncated,  // The peer closed or reset the connection before the end of the body.
  kTimeout,    // The peer sent nothing for socket-timeout.
  kTooLarge,   // A chunked body passed limit-post.
  kMalformed,  // The chunked coding is broken.
};

struct ReadOutcome {
  std::size_t bytes = 0;  // 0 with kOk means the end of the body.
  ReadStatus status = ReadStatus::kOk;
};

// The request's body: never yields a byte beyond its end, whatever the wire says.
//
// Used by the thread that runs the application, with the execution right held.
class RequestBody {
 public:
  virtual ~RequestBody() = default;

  // Reads up to `into.size()` bytes, and at least one unless the body has ended or
  // failed. Waits for the peer if it must, without the execution right. After a failure every
  // further call fails the same way.
  virtual ReadOutcome Read(std::span<char> into) = 0;

  // True when the whole body is in memory or in a file: Seek then works.
  virtual bool is_seekable() const = 0;
  // Continues at `offset` bytes from the start. False beyond the end or if not seekable.
  virtual bool Seek(std::uint64_t offset) = 0;
  // Bytes read so far.
  virtual std::uint64_t position() const = 0;
  // Bytes of the whole body, where Seek works.
  virtual std::uint64_t size() const = 0;
};

}  // namespace uwsgi
