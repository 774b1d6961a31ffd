// SPDX-License-Identifier: MIT
//
// The head of an HTTP/1.x request, RFC 9112 and 9110, read strictly: what two
// implementations could understand differently is refused. See docs/http.md.
//
// One pass over the bytes, however they are split; linear time; no allocation in the
// steady state of a reused parser. No I/O. tests/fuzz/http_request_fuzz.cc feeds it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/underscore_names.h"
#include "protocol/cgi_vars.h"
#include "uwsgi/request.h"

namespace uwsgi::protocol {

struct HttpLimits {
  std::size_t max_request_line = 65535;  // 414 beyond.
  std::size_t max_head = 65535;          // Request line and headers: 431 beyond, at most 2^31.
  std::size_t max_headers = 1024;        // 431 beyond.
};

class HttpHeadParser {
 public:
  enum class Status { kNeedMore, kDone, kError };

  // Forgets the head; keeps the memory for the next one. The peer may send the headers of
  // `allowed` if it is trusted, and nobody else may; the names outlive the parser's use of them.
  void Reset(const UnderscoreNames* allowed = nullptr, bool is_trusted = false);

  // Continues with `bytes`, which start where the head starts and hold at least what the
  // previous call was given: the buffer may have moved, its content not changed. Call Reset
  // between heads. After kDone or kError further calls return the same.
  Status Parse(std::string_view bytes, const HttpLimits& limits);

  // After kError: the response's status (400, 413, 414, 431, 501, 505) and what was wrong, for the
  // log.
  int error_status() const { return state_.error_status; }
  std::string_view error_reason() const { return state_.error_reason; }

  // The rest is for after kDone.

  // Bytes of the head, with its empty line: the body begins there.
  std::size_t head_size() const { return state_.position; }
  int minor_version() const { return state_.minor_version; }
  // What the client asks; the server may still close.
  bool keep_alive() const;
  bool chunked() const { return state_.chunked; }
  // The client waits for "100 Continue" before it sends the body.
  bool expect_continue() const { return state_.expect_continue && state_.minor_version == 1; }

  // The names of headers that were left out for an underscore: views into `head`, which is what
  // Parse was given.
  std::size_t dropped_count() const { return dropped_.size(); }
  std::string_view dropped_name(std::string_view head, std::size_t index) const {
    return head.substr(dropped_[index].first, dropped_[index].second);
  }

  // Turns the head into CGI variables, in uWSGI's order, and the rest of `request` by IndexVars.
  // `head` is what Parse was given, at the place where it will stay: the views point into it, into
  // this parser (until Reset), and into `defaults`. Names that contain '_' could pose as others,
  // and `Proxy` as a setting: both are left out, but for what Reset allows. Repeated headers are
  // joined by ", ", Cookie by "; ". Fails never on a head that Parse took.
  Result<void> FillRequest(std::string_view head, const CgiDefaults& defaults, Request& request);

 private:
  enum class Part { kStart, kRequestLine, kHeaders, kDone, kError };

  // One header that became a variable.
  struct Field {
    std::uint32_t key = 0;  // Offset in names_.
    std::uint32_t key_size = 0;
    std::uint32_t value = 0;  // Offset in the head.
    std::uint32_t value_size = 0;
    std::uint32_t hash = 0;  // Equal names have equal hashes.
    std::int32_t next = -1;  // The index of the same name's next value.
    std::int32_t last = -1;  // Of the first of a name: the end of its chain.
    bool repeats = false;    // Not the first of its name.
  };

  // What Reset forgets. Offsets into the head, which may move between calls.
  struct State {
    Part part = Part::kStart;
    std::size_t position = 0;  // Start of the line being read; the head's size at the end.
    std::size_t scanned = 0;   // Bytes in which the end of that line is not.
    std::uint32_t line_start = 0;
    std::uint32_t method_size = 0;
    std::uint32_t target = 0;  // Without an absolute-form's scheme and authority.
    std::uint32_t target_size = 0;
    std::uint32_t authority = 0;
    std::uint32_t authority_size = 0;
    std::size_t header_count = 0;  // With those that were dropped.
    std::size_t names_size = 0;
    std::size_t text_size = 0;     // What joined values will need.
    std::uint64_t seen_names = 0;  // A Bloom filter over the fields' hashes.
    std::int32_t host_field = -1;
    int minor_version = 1;
    bool target_lacks_slash = false;  // "http://host?query": the path is "/".
    bool has_content_type = false;
    bool has_content_length = false;
    bool chunked = false;
    bool connection_close = false;
    bool connection_keep_alive = false;
    bool expect_continue = false;
    int error_status = 0;
    std::string_view error_reason;
  };

  // These return kError, or kNeedMore for "go on".
  Status Fail(int status, std::string_view reason);
  Status ParseLine(std::string_view head, std::size_t end);
  Status ParseRequestLine(std::string_view line);
  Status ParseTarget(std::string_view method, std::string_view target);
  Status ParseHeader(std::string_view line);
  // Whether a header becomes a variable: `name` is as the peer spells it.
  bool MayPass(std::string_view name, bool has_underscore) const;
  Status NoteHeader(Field& field, std::string_view name, std::string_view value);
  Status NoteContentLength(std::string_view value);
  Status NoteTransferEncoding(std::string_view value);
  Status Finish();

  void NoteConnection(std::string_view value);
  static void DropPrefix(Field& field);
  void AddField(Field& field);
  void FillTarget(std::string_view head, Request& request);
  std::string_view JoinedValue(std::string_view head, const Field& field);

  State state_;
  const UnderscoreNames* allowed_ = nullptr;  // Null: no name has an underscore.
  bool is_trusted_ = false;
  std::vector<Field> fields_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> dropped_;  // Offsets and sizes in the head.
  std::string names_;  // The variables' names, one after the other. Grows and is not cut.
  std::string text_;   // Of FillRequest: decoded path, joined values.
};

}  // namespace uwsgi::protocol
