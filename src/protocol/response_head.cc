// SPDX-License-Identifier: MIT

#include "protocol/response_head.h"

#include <algorithm>

#include "protocol/cgi_vars.h"
#include "protocol/number.h"
#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

constexpr std::string_view kSeparator = ": ";
constexpr std::string_view kLineEnd = "\r\n";

// Headers that say something to the server, whatever they say to the client.
enum class Role {
  kPlain,
  kContentLength,
  kTransferEncoding,
  kConnection,
  kOtherHopByHop,
  kDate,
  kServer,
};

Role RoleOf(std::string_view name) {
  switch (name.size()) {
    case 2:
      return EqualsIgnoringCase(name, "te") ? Role::kOtherHopByHop : Role::kPlain;
    case 4:
      return EqualsIgnoringCase(name, "date") ? Role::kDate : Role::kPlain;
    case 6:
      return EqualsIgnoringCase(name, "server") ? Role::kServer : Role::kPlain;
    case 7:
      return EqualsIgnoringCase(name, "upgrade") || EqualsIgnoringCase(name, "trailer")
                 ? Role::kOtherHopByHop
                 : Role::kPlain;
    case 10:
      return EqualsIgnoringCase(name, "connection")   ? Role::kConnection
             : EqualsIgnoringCase(name, "keep-alive") ? Role::kOtherHopByHop
                                                      : Role::kPlain;
    case 14:
      return EqualsIgnoringCase(name, "content-length") ? Role::kContentLength : Role::kPlain;
    case 16:
      return EqualsIgnoringCase(name, "proxy-connection") ? Role::kOtherHopByHop : Role::kPlain;
    case 17:
      return EqualsIgnoringCase(name, "transfer-encoding") ? Role::kTransferEncoding : Role::kPlain;
    default:
      return Role::kPlain;
  }
}

// Whether a Connection field lists `close`.
bool ListsClose(std::string_view options) {
  for (std::string_view option; NextListElement(options, option);) {
    if (EqualsIgnoringCase(option, "close")) return true;
  }
  return false;
}

}  // namespace

std::string_view HeadErrorText(HeadError error) {
  switch (error) {
    case HeadError::kNone:
      return "";
    case HeadError::kBadStatus:
      return "the status must be three digits, a space and a reason without control characters";
    case HeadError::kInterimStatus:
      return "a 1xx status is not a final response";
    case HeadError::kBadName:
      return "a header name must be a token: letters, digits and !#$%&'*+-.^_`|~";
    case HeadError::kBadValue:
      return "a header value must not contain control characters";
    case HeadError::kBadContentLength:
      return "Content-Length must be a decimal number";
    case HeadError::kTooLarge:
      return "the headers are larger than response-headers-limit";
  }
  return "";
}

void ResponseHeadBuilder::Clear() {
  size_ = 0;
  status_.clear();
  code_ = 0;
  fields_size_ = 0;
  field_count_ = 0;
  content_length_.reset();
  has_transfer_encoding_ = false;
  lengths_differ_ = false;
  has_date_ = false;
  has_server_ = false;
  wants_close_ = false;
}

HeadError ResponseHeadBuilder::SetStatus(std::string_view status) {
  if (status.size() < 3 || !IsDigit(status[0]) || !IsDigit(status[1]) || !IsDigit(status[2]) ||
      (status.size() > 3 && status[3] != ' ') || status[0] == '0' || HasControl(status)) {
    return HeadError::kBadStatus;
  }
  if (status[0] == '1') return HeadError::kInterimStatus;
  if (status.size() > limit_) return HeadError::kTooLarge;
  code_ = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0');
  status_.assign(status);
  if (status.size() <= 4) {
    status_.resize(3);
    status_ += ' ';
    status_ += StatusReason(code_);
  }
  return HeadError::kNone;
}

HeadError ResponseHeadBuilder::Add(std::string_view name, std::string_view value) {
  if (!IsToken(name)) return HeadError::kBadName;
  if (HasControl(value)) return HeadError::kBadValue;
  const std::size_t line_size = name.size() + value.size() + 4;
  if (line_size > limit_ - size_) return HeadError::kTooLarge;
  switch (RoleOf(name)) {
    case Role::kContentLength: {
      const std::optional<std::uint64_t> length = ParseContentLength(TrimBlanks(value));
      if (!length || *length > kMaxContentLength) return HeadError::kBadContentLength;
      NoteContentLength(*length);
      break;
    }
    case Role::kTransferEncoding:
      has_transfer_encoding_ = true;
      break;
    case Role::kConnection:
      wants_close_ = wants_close_ || ListsClose(value);
      break;
    case Role::kOtherHopByHop:
      break;
    case Role::kDate:
      has_date_ = true;
      AppendField(name, value);
      break;
    case Role::kServer:
      has_server_ = true;
      AppendField(name, value);
      break;
    case Role::kPlain:
      AppendField(name, value);
      break;
  }
  size_ += line_size;
  ++field_count_;
  return HeadError::kNone;
}

void ResponseHeadBuilder::AppendField(std::string_view name, std::string_view value) {
  const std::size_t size = fields_size_ + name.size() + value.size() + 4;
  if (fields_.size() < size) fields_.resize(std::max(2 * fields_.size(), size));
  char* to = fields_.data() + fields_size_;
  for (const std::string_view part : {name, kSeparator, value, kLineEnd}) {
    to += part.copy(to, part.size());
  }
  fields_size_ = size;
}

void ResponseHeadBuilder::NoteContentLength(std::uint64_t length) {
  if (content_length_ && *content_length_ != length) lengths_differ_ = true;
  content_length_ = length;
}

ResponseHead ResponseHeadBuilder::head() const {
  ResponseHead head;
  head.status = status_;
  head.code = code_;
  head.fields = std::string_view(fields_).substr(0, fields_size_);
  head.field_count = field_count_;
  head.has_conflicting_framing = lengths_differ_ || (has_transfer_encoding_ && content_length_);
  if (!head.has_conflicting_framing) head.content_length = content_length_;
  head.has_date = has_date_;
  head.has_server = has_server_;
  head.wants_close = wants_close_;
  return head;
}

Result<AddedField> AddedField::Parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const bool has_control = std::ranges::any_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
  if (colon == std::string_view::npos || !IsToken(name) || has_control) {
    return Error{ErrorCode::kInvalid, "expected NAME: VALUE, as in X-Frame-Options: DENY"};
  }
  if (EqualsIgnoringCase(name, "content-length") || EqualsIgnoringCase(name, "transfer-encoding")) {
    return Error{ErrorCode::kInvalid, "the server frames every response itself"};
  }
  return AddedField(text, colon);
}

ExtraFields MakeExtraFields(const std::vector<AddedField>& added) {
  ExtraFields extra;
  for (const AddedField& field : added) {
    switch (RoleOf(field.name())) {
      case Role::kConnection:
        extra.wants_close = extra.wants_close || ListsClose(field.value());
        break;
      case Role::kServer:
        extra.server_fields += field.line() + "\r\n";
        break;
      default:
        extra.fields += field.line() + "\r\n";
        break;
    }
  }
  return extra;
}

void AppendResponseHead(const ResponseHead& head, const ResponseFraming& framing,
                        std::string& out) {
  const ExtraFields* extra = framing.extra_fields;
  const std::size_t extra_size =
      extra == nullptr ? 0 : extra->fields.size() + extra->server_fields.size();
  out.reserve(out.size() + head.status.size() + head.fields.size() + extra_size + 160);
  out += "HTTP/1.1 ";
  out += head.status;
  out += "\r\n";
  out += head.fields;
  if (extra != nullptr) {
    out += extra->fields;
    if (!head.has_server) out += extra->server_fields;
  }
  if (framing.wire == Wire::kHttp) {
    if (!head.has_date && !framing.date.empty()) {
      out += "Date: ";
      out += framing.date;
      out += "\r\n";
    }
    if (!framing.keep_alive) {
      out += "Connection: close\r\n";
    } else if (framing.minor_version == 0) {
      out += "Connection: keep-alive\r\n";
    }
    if (framing.chunked) out += "Transfer-Encoding: chunked\r\n";
  }
  if (framing.content_length) {
    out += "Content-Length: ";
    AppendNumber(*framing.content_length, out);
    out += "\r\n";
  }
  out += "\r\n";
}

SimpleResponse MakeSimpleResponse(int code, ResponseFraming framing, bool is_head,
                                  std::string_view more_fields) {
  const std::string_view reason = StatusReason(code);
  std::string status;
  AppendNumber(code, status);
  status += ' ';
  status += reason;

  // A uwsgi peer passes the head on, so there it must say itself what HTTP's framing says.
  std::string fields(framing.wire == Wire::kUwsgi ? "Connection: close\r\n" : "");
  fields += "Content-Type: text/plain\r\n";
  fields += more_fields;
  ResponseHead head;
  head.status = status;
  head.code = code;
  head.fields = fields;
  framing.keep_alive = framing.chunked = false;
  framing.content_length.reset();
  if (framing.wire == Wire::kHttp) framing.content_length = reason.size();
  SimpleResponse response;
  AppendResponseHead(head, framing, response.head);
  if (!is_head) response.body = reason;
  return response;
}

}  // namespace uwsgi::protocol
