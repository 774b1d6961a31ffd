// SPDX-License-Identifier: MIT
//
// The head of an HTTP/1.x request, RFC 9112 and 9110, read strictly: what two
// implementations could understand differently is refused. See docs/protocol.md.
//
// One pass over the bytes, however they are split; linear time; no allocation in the
// steady state of a reused parser. No I/O. tests/fuzz/http_request_fuzz.cc feeds it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
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

  // Forgets the head; keeps the memory for the next one.
  void Reset();

  // Continues with `bytes`, which start where the head starts and hold at least what the
  // previous call was given: the buffer may have moved, its content not changed. Call Reset
  // between heads. After kDone or kError further calls return the same.
  Status Parse(std::string_view bytes, const HttpLimits& limits);

  // True once the first byte of a request line was seen: a close before is no error.
  bool has_begun() const { return position_ != 0 || scanned_ != 0; }

  // After kError: the response's status (400, 414, 431, 501, 505) and what was wrong, for the log.
  int error_status() const { return error_status_; }
  std::string_view error_reason() const { return error_reason_; }

  // The rest is for after kDone.

  // Bytes of the head, with its empty line: the body begins there.
  std::size_t head_size() const { return position_; }
  int minor_version() const { return minor_version_; }
  // What the client asks; the server may still close.
  bool keep_alive() const { return keep_alive_; }
  bool chunked() const { return has_transfer_encoding_; }
  // The client waits for "100 Continue" before it sends the body.
  bool expect_continue() const { return expect_continue_; }

  // Turns the head into CGI variables, in uWSGI's order, and the rest of `request` by IndexVars.
  // `head` is what Parse was given, at the place where it will stay: the views point into it, into
  // this parser (until Reset), and into `defaults`. Names that contain '_' could pose as others,
  // and `Proxy` as a setting: both are left out. Repeated headers are joined by ", ", Cookie by ";
  // ". Fails never on a head that Parse took.
  Result<void> FillRequest(std::string_view head, const CgiDefaults& defaults, Request& request);

 private:
  // One header that became a variable.
  struct Field {
    std::uint32_t key;  // Offset in names_ of "HTTP_NAME".
    std::uint32_t key_size;
    std::uint32_t value;  // Offset in the head.
    std::uint32_t value_size;
    std::uint32_t hash;  // Of the name; equal names have equal hashes.
    std::int32_t next;   // The same name's next value, -1 at the end.
    std::int32_t last;   // Of the first of a name: the end of its chain.
    bool repeats;        // Not the first of its name.
  };

  Status Fail(int status, std::string_view reason);
  Status ParseLine(std::string_view head, std::size_t end);
  Status ParseRequestLine(std::string_view line);
  Status ParseTarget(std::string_view target);
  Status ParseAbsoluteForm(std::string_view target, std::size_t scheme_size);
  Status ParseHeader(std::string_view head, std::size_t end);
  Status NoteHeader(Field& field, std::string_view name, std::string_view value, bool padded);
  Status NoteTransferEncoding(std::string_view value);
  void NoteConnection(std::string_view value);
  void AddField(Field field);
  Status Finish();
  std::string_view JoinedValue(std::string_view head, const Field& field);
  std::string_view View(std::string_view head, const Field& field) const;

  // Offsets into the head, which may move between calls.
  std::size_t position_ = 0;  // Start of the line being read; the head's size at the end.
  std::size_t scanned_ = 0;   // Bytes looked at for the end of that line.
  enum class Part { kStart, kRequestLine, kHeaders, kDone, kError } part_ = Part::kStart;

  std::uint32_t line_start_ = 0;
  std::uint32_t method_size_ = 0;
  std::uint32_t target_ = 0;  // Of the origin-form, without an absolute-form's authority.
  std::uint32_t target_size_ = 0;
  std::uint32_t authority_ = 0;  // Of an absolute-form target.
  std::uint32_t authority_size_ = 0;
  bool target_lacks_slash_ = false;  // "http://host?query": the path is "/".
  int minor_version_ = 1;
  std::size_t header_count_ = 0;  // Those that were dropped, too.
  std::vector<Field> fields_;
  std::string names_;             // The variables' names, one after the other.
  std::string text_;              // Decoded path, joined values: of FillRequest.
  std::uint64_t seen_names_ = 0;  // A Bloom filter over the fields' hashes.

  bool has_host_ = false;
  bool has_content_length_ = false;
  bool has_transfer_encoding_ = false;
  bool connection_close_ = false;
  bool connection_keep_alive_ = false;
  bool keep_alive_ = false;
  bool expect_continue_ = false;
  int error_status_ = 0;
  std::string_view error_reason_;
};

}  // namespace uwsgi::protocol
