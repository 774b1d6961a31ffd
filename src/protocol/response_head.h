// SPDX-License-Identifier: MIT
//
// The response's head: what an application may say in it, and the bytes that it
// becomes on either wire. Here control characters and bad names are refused, and framing
// (Content-Length, Transfer-Encoding, Connection) is taken out of the application's hands.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "uwsgi/request.h"
#include "uwsgi/response.h"

namespace uwsgi::protocol {

enum class HeadError {
  kNone,
  kBadStatus,         // Not "NNN reason" or "NNN", 200 to 999.
  kInterimStatus,     // 1xx is the server's to send.
  kBadName,           // Empty, or not a token.
  kBadValue,          // A control character other than TAB.
  kBadContentLength,  // Not a decimal number.
  kTooLarge,          // More than the limit of header text.
};

// One sentence for the application's developer. Empty for kNone.
std::string_view HeadErrorText(HeadError error);

// Collects one response head. Reused: no allocation in the steady state.
class ResponseHeadBuilder {
 public:
  // `limit` bounds the header text in bytes (response-headers-limit).
  explicit ResponseHeadBuilder(std::size_t limit = 65536) : limit_(limit) {}

  void Clear();

  // "200 OK", or "200" which gets its usual reason. On an error nothing has changed.
  HeadError SetStatus(std::string_view status);

  // Appends one header. Content-Length is kept as a number; hop-by-hop headers are counted
  // and dropped. On an error nothing has changed.
  HeadError Add(std::string_view name, std::string_view value);

  bool has_status() const { return code_ != 0; }

  // The views live until the next non-const call.
  ResponseHead head() const;

 private:
  void AppendField(std::string_view name, std::string_view value);
  void NoteContentLength(std::uint64_t length);

  std::size_t limit_;
  std::size_t size_ = 0;  // Header text as the application gave it.
  std::string status_;
  int code_ = 0;
  std::string fields_;  // Grows and is not cut: the first fields_size_ bytes count.
  std::size_t fields_size_ = 0;
  int field_count_ = 0;
  std::optional<std::uint64_t> content_length_;
  bool has_transfer_encoding_ = false;
  bool lengths_differ_ = false;
  bool has_date_ = false;
  bool has_server_ = false;
  bool wants_close_ = false;
};

// What the configuration adds to every response (add-header).
struct ExtraFields {
  std::string fields;         // Complete lines, without Connection: framing says that.
  std::string server_fields;  // The Server lines: for heads that have none.
  bool wants_close = false;   // Connection: close.
};

// One line of them, "NAME: VALUE".
class AddedField {
 public:
  // Fails with kInvalid on what is no field, and on those that frame a response: the server does.
  static Result<AddedField> Parse(std::string_view text);

  std::string_view name() const { return std::string_view(line_).substr(0, colon_); }
  std::string_view value() const { return std::string_view(line_).substr(colon_ + 1); }
  const std::string& line() const { return line_; }

 private:
  AddedField(std::string_view line, std::size_t colon) : line_(line), colon_(colon) {}

  std::string line_;  // Without the end of the line.
  std::size_t colon_;
};
ExtraFields MakeExtraFields(const std::vector<AddedField>& added);

// What the connection decided about a response.
struct ResponseFraming {
  Wire wire = Wire::kHttp;
  int minor_version = 1;    // The request's: HTTP/1.0 or 1.1.
  bool keep_alive = false;  // HTTP: the connection stays open.
  bool chunked = false;     // HTTP: the body is sent in chunks; never with content_length.
  std::optional<std::uint64_t> content_length = {};
  std::string_view date = {};  // HTTP: for the Date header where the application has none.
  const ExtraFields* extra_fields = nullptr;  // Null: none.
};

// Appends the head's bytes, with the empty line. On a uwsgi socket that is the status, the
// fields and the length if there is one; nothing else is added. On HTTP it is followed by Date,
// Connection (where it is not the version's default) and the framing.
void AppendResponseHead(const ResponseHead& head, const ResponseFraming& framing, std::string& out);

// The reason phrase of a status code; "Unknown" for those without one.
std::string_view StatusReason(int code);

// A complete response of the server's own.
struct SimpleResponse {
  std::string head;       // With the empty line.
  std::string_view body;  // The status code's reason; empty for HEAD.
};

// `Connection: close` and text/plain. Of `framing` the wire, the date and the extra fields count.
// `more_fields` are complete lines.
SimpleResponse MakeSimpleResponse(int code, ResponseFraming framing, bool is_head = false,
                                  std::string_view more_fields = {});

}  // namespace uwsgi::protocol
