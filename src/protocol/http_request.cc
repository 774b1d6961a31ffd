// SPDX-License-Identifier: MIT

#include "protocol/http_request.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "protocol/http_target.h"
#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

constexpr std::string_view kPrefix = "HTTP_";

constexpr std::string_view kLineTooLong = "request line too long, see --buffer-size";

// What a browser's headers need.
constexpr std::size_t kNamesRoom = 512;

// A header name's byte as its variable has it: upper case, '_' for '-'. 0 ends a name, and
// kUnderscore is set where the client wrote '_' itself.
constexpr unsigned char kUnderscore = 0x80;
constexpr std::array<unsigned char, 256> kNameBytes = [] {
  std::array<unsigned char, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char byte = static_cast<char>(i);
    if (!IsTokenByte(byte)) continue;
    const bool lower = byte >= 'a' && byte <= 'z';
    table[i] = static_cast<unsigned char>(lower ? byte - ('a' - 'A') : byte);
    if (byte == '-') table[i] = '_';
    if (byte == '_') table[i] = '_' | kUnderscore;
  }
  return table;
}();

std::uint32_t Offset(std::size_t offset) { return static_cast<std::uint32_t>(offset); }

}  // namespace

void HttpHeadParser::Reset(const UnderscoreNames* allowed, bool is_trusted) {
  allowed_ = allowed != nullptr && !allowed->empty() ? allowed : nullptr;
  is_trusted_ = is_trusted;
  fields_.clear();
  dropped_.clear();
  state_ = State();
}

HttpHeadParser::Status HttpHeadParser::Fail(int status, std::string_view reason) {
  state_.part = Part::kError;
  state_.error_status = status;
  state_.error_reason = reason;
  return Status::kError;
}

HttpHeadParser::Status HttpHeadParser::Parse(std::string_view bytes, const HttpLimits& limits) {
  while (state_.part != Part::kDone && state_.part != Part::kError) {
    const std::size_t end = FindControl(bytes, state_.scanned);
    const bool in_headers = state_.part == Part::kHeaders;
    if (!in_headers && end - state_.position > limits.max_request_line) {
      return Fail(414, kLineTooLong);
    }
    if (end > limits.max_head) {
      return in_headers ? Fail(431, "headers too large, see --buffer-size")
                        : Fail(414, kLineTooLong);
    }
    state_.scanned = end;
    if (end == bytes.size()) return Status::kNeedMore;
    if (bytes[end] != '\r') return Fail(400, "control character or bare LF in the head");
    if (end + 1 == bytes.size()) return Status::kNeedMore;
    if (bytes[end + 1] != '\n') return Fail(400, "CR without LF in the head");
    if (in_headers && state_.header_count == limits.max_headers && end != state_.position) {
      return Fail(431, "too many headers, see --max-vars");
    }
    if (ParseLine(bytes, end) == Status::kError) return Status::kError;
    state_.position = state_.scanned = end + 2;
  }
  return state_.part == Part::kDone ? Status::kDone : Status::kError;
}

HttpHeadParser::Status HttpHeadParser::ParseLine(std::string_view head, std::size_t end) {
  const std::string_view line = head.substr(state_.position, end - state_.position);
  switch (state_.part) {
    case Part::kStart:
      // One empty line before a request is forgiven (RFC 9112 section 2.2).
      state_.part = Part::kRequestLine;
      if (line.empty()) return Status::kNeedMore;
      [[fallthrough]];
    case Part::kRequestLine:
      state_.part = Part::kHeaders;
      return ParseRequestLine(line);
    default:
      return line.empty() ? Finish() : ParseHeader(line);
  }
}

HttpHeadParser::Status HttpHeadParser::ParseRequestLine(std::string_view line) {
  const std::size_t method_end = line.find(' ');
  if (method_end == std::string_view::npos) return Fail(400, "malformed request line");
  const std::string_view method = line.substr(0, method_end);
  if (!IsToken(method)) return Fail(400, "method is not a token");
  const std::size_t target_end = line.find(' ', method_end + 1);
  if (target_end == std::string_view::npos) return Fail(400, "request line without version");
  const std::string_view version = line.substr(target_end + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") || !IsDigit(version[5]) ||
      version[6] != '.' || !IsDigit(version[7])) {
    return Fail(400, "malformed HTTP version, or a space in the target");
  }
  if (version[5] != '1' || version[7] > '1') return Fail(505, "HTTP version not supported");
  if (method == "CONNECT") return Fail(501, "CONNECT is for proxies");

  state_.minor_version = version[7] - '0';
  state_.line_start = Offset(state_.position);
  state_.method_size = Offset(method.size());
  state_.target = Offset(state_.position + method_end + 1);
  return ParseTarget(method, line.substr(method_end + 1, target_end - method_end - 1));
}

HttpHeadParser::Status HttpHeadParser::ParseTarget(std::string_view method,
                                                   std::string_view target) {
  if (target.find('\t') != std::string_view::npos) return Fail(400, "TAB in the request target");
  if (const std::size_t scheme_size = AbsoluteFormPrefix(target); scheme_size != 0) {
    const std::size_t end = std::min(target.find_first_of("/?#", scheme_size), target.size());
    const std::string_view authority = target.substr(scheme_size, end - scheme_size);
    if (authority.empty() || !IsValidHost(authority)) {
      return Fail(400, "invalid authority in the request target");
    }
    state_.authority = Offset(state_.target + scheme_size);
    state_.authority_size = Offset(authority.size());
    state_.target = Offset(state_.target + end);
    target.remove_prefix(end);
    state_.target_lacks_slash = target.empty() || target[0] != '/';
  } else if (target == "*") {
    if (method != "OPTIONS") return Fail(400, "target * is for OPTIONS");
  } else if (target.empty() || target[0] != '/') {
    return Fail(400, "request target is neither a path nor an http URI");
  }
  if (!HasValidEscapes(PathOf(target))) return Fail(400, "malformed percent escape in the path");
  state_.target_size = Offset(target.size());
  return Status::kNeedMore;
}

HttpHeadParser::Status HttpHeadParser::ParseHeader(std::string_view line) {
  ++state_.header_count;
  // Room for the prefix and everything before the colon.
  const std::size_t start = state_.names_size;
  if (names_.size() < start + kPrefix.size() + line.size()) {
    const std::size_t needed = start + kPrefix.size() + std::min(line.find(':'), line.size());
    if (names_.size() < needed) names_.resize(std::max({needed, 2 * names_.size(), kNamesRoom}));
  }
  char* const name = names_.data() + start + kPrefix.size();

  std::size_t size = 0;
  unsigned marks = 0;
  std::uint32_t hash = 0;
  for (; size < line.size(); ++size) {
    const unsigned char byte = kNameBytes[static_cast<unsigned char>(line[size])];
    if (byte == 0) break;
    marks |= byte;
    hash = (hash << 5 | hash >> 27) ^ byte;
    name[size] = static_cast<char>(byte & ~kUnderscore);
  }
  if (size == 0 || size == line.size() || line[size] != ':') {
    // A line that starts with a blank is a folded one, which RFC 9112 lets us refuse.
    return Fail(400, "malformed header line");
  }
  const bool has_underscore = (marks & kUnderscore) != 0;
  if ((has_underscore || allowed_ != nullptr) && !MayPass(line.substr(0, size), has_underscore)) {
    dropped_.emplace_back(Offset(state_.position), Offset(size));
    return Status::kNeedMore;
  }

  kPrefix.copy(names_.data() + start, kPrefix.size());
  const std::string_view value = TrimBlanks(line.substr(size + 1));
  Field field;
  field.key = Offset(start);
  field.key_size = Offset(kPrefix.size() + size);
  field.value = Offset(state_.position + static_cast<std::size_t>(value.data() - line.data()));
  field.value_size = Offset(value.size());
  field.hash = hash;
  return NoteHeader(field, std::string_view(name, size), value);
}

bool HttpHeadParser::MayPass(std::string_view name, bool has_underscore) const {
  if (allowed_ == nullptr) return !has_underscore;
  if (is_trusted_ && allowed_->Has(name)) return true;
  return !has_underscore && !allowed_->Claims(name);
}

HttpHeadParser::Status HttpHeadParser::NoteHeader(Field& field, std::string_view name,
                                                  std::string_view value) {
  switch (name.size()) {
    case 4:
      if (name != "HOST") break;
      if (state_.host_field >= 0) return Fail(400, "more than one Host");
      if (!IsValidHost(value)) return Fail(400, "invalid Host");
      state_.host_field = static_cast<std::int32_t>(fields_.size());
      break;
    case 5:
      // It would become HTTP_PROXY, which many programs take for a setting.
      if (name == "PROXY") return Status::kNeedMore;
      break;
    case 6:
      if (name == "EXPECT") state_.expect_continue = EqualsIgnoringCase(value, "100-continue");
      break;
    case 10:
      if (name == "CONNECTION") NoteConnection(value);
      break;
    case 12:
      if (name != "CONTENT_TYPE") break;
      if (state_.has_content_type) return Fail(400, "more than one Content-Type");
      state_.has_content_type = true;
      DropPrefix(field);
      break;
    case 14:
      if (name != "CONTENT_LENGTH") break;
      if (NoteContentLength(value) == Status::kError) return Status::kError;
      DropPrefix(field);
      break;
    case 17:
      if (name != "TRANSFER_ENCODING") break;
      if (state_.chunked) return Fail(400, "more than one Transfer-Encoding");
      if (NoteTransferEncoding(value) == Status::kError) return Status::kError;
      break;
    default:
      break;
  }
  AddField(field);
  return Status::kNeedMore;
}

void HttpHeadParser::DropPrefix(Field& field) {
  field.key += Offset(kPrefix.size());
  field.key_size -= Offset(kPrefix.size());
}

HttpHeadParser::Status HttpHeadParser::NoteContentLength(std::string_view value) {
  if (state_.has_content_length) return Fail(400, "more than one Content-Length");
  const std::optional<std::uint64_t> length = ParseContentLength(value);
  if (!length) return Fail(400, "invalid Content-Length");
  if (*length > kMaxContentLength) return Fail(413, "a Content-Length of 2^63 bytes or more");
  state_.has_content_length = true;
  return Status::kNeedMore;
}

HttpHeadParser::Status HttpHeadParser::NoteTransferEncoding(std::string_view value) {
  if (EqualsIgnoringCase(value, "chunked")) {
    state_.chunked = true;
    return Status::kNeedMore;
  }
  // Where chunked is named but is not the last and only one of its kind, lengths are anybody's
  // guess. Other codings are well-formed and unknown to us.
  bool chunked_before = false;
  bool any = false;
  for (std::string_view coding; NextListElement(value, coding);) {
    any = true;
    if (chunked_before || !IsToken(coding)) return Fail(400, "malformed Transfer-Encoding");
    chunked_before = EqualsIgnoringCase(coding, "chunked");
  }
  if (!any) return Fail(400, "malformed Transfer-Encoding");
  return Fail(501, "transfer coding not supported");
}

void HttpHeadParser::NoteConnection(std::string_view value) {
  for (std::string_view option; NextListElement(value, option);) {
    if (EqualsIgnoringCase(option, "close")) state_.connection_close = true;
    if (EqualsIgnoringCase(option, "keep-alive")) state_.connection_keep_alive = true;
  }
}

// Keeps the values of one name in a chain from its first field, so that joining them is linear.
[[gnu::flatten]] void HttpHeadParser::AddField(Field& field) {
  state_.names_size = field.key + field.key_size;
  const std::uint64_t bit = std::uint64_t{1} << ((field.hash * 0x9e3779b1U) >> 26);
  const auto index = static_cast<std::int32_t>(fields_.size());
  field.last = index;
  if ((state_.seen_names & bit) != 0) {
    const std::string_view key(names_.data() + field.key, field.key_size);
    for (Field& first : fields_) {
      if (first.hash != field.hash || first.repeats ||
          std::string_view(names_.data() + first.key, first.key_size) != key) {
        continue;
      }
      fields_[static_cast<std::size_t>(first.last)].next = index;
      first.last = index;
      field.repeats = true;
      state_.text_size += first.value_size + field.value_size + 4;
      break;
    }
  }
  state_.seen_names |= bit;
  fields_.push_back(field);
}

HttpHeadParser::Status HttpHeadParser::Finish() {
  if (state_.minor_version == 1 && state_.host_field < 0) return Fail(400, "HTTP/1.1 without Host");
  if (state_.chunked && state_.has_content_length) {
    return Fail(400, "both Content-Length and Transfer-Encoding");
  }
  if (state_.chunked && state_.minor_version == 0) {
    return Fail(400, "Transfer-Encoding in HTTP/1.0");
  }
  state_.part = Part::kDone;
  return Status::kDone;
}

bool HttpHeadParser::keep_alive() const {
  return !state_.connection_close && (state_.minor_version == 1 || state_.connection_keep_alive);
}

// Views into text_ are made while it grows, so it must have the room before the first one.
std::string_view HttpHeadParser::JoinedValue(std::string_view head, const Field& field) {
  const std::string_view key(names_.data() + field.key, field.key_size);
  const std::string_view separator = key == "HTTP_COOKIE" ? "; " : ", ";
  const std::size_t start = text_.size();
  text_ += head.substr(field.value, field.value_size);
  for (std::int32_t at = field.next; at >= 0;) {
    const Field& next = fields_[static_cast<std::size_t>(at)];
    text_ += separator;
    text_ += head.substr(next.value, next.value_size);
    at = next.next;
  }
  return std::string_view(text_).substr(start);
}

void HttpHeadParser::FillTarget(std::string_view head, Request& request) {
  std::string_view target = head.substr(state_.target, state_.target_size);
  if (state_.target_lacks_slash) {
    text_ += '/';
    text_ += target;
    target = text_;
  }
  std::string_view path = PathOf(target);
  if (NeedsNormalizing(path)) {
    const std::size_t start = text_.size();
    AppendNormalizedPath(path, text_);
    path = std::string_view(text_).substr(start);
  }
  const std::size_t query = target.find('?');
  request.vars.push_back({"REQUEST_URI", target});
  request.vars.push_back({"PATH_INFO", path});
  request.vars.push_back({"QUERY_STRING", query == std::string_view::npos
                                              ? std::string_view()
                                              : target.substr(query + 1)});
}

[[gnu::flatten]] Result<void> HttpHeadParser::FillRequest(std::string_view head,
                                                          const CgiDefaults& defaults,
                                                          Request& request) {
  text_.clear();
  text_.reserve(state_.text_size + 2 * state_.target_size + 2);
  const std::size_t capacity = text_.capacity();
  auto& vars = request.vars;
  vars.clear();
  vars.push_back({"REQUEST_METHOD", head.substr(state_.line_start, state_.method_size)});
  FillTarget(head, request);
  vars.push_back({"SERVER_PROTOCOL", state_.minor_version == 1 ? "HTTP/1.1" : "HTTP/1.0"});
  vars.push_back({"SCRIPT_NAME", ""});
  vars.push_back({"SERVER_NAME", defaults.server_name});
  vars.push_back({"SERVER_PORT", defaults.server_port});
  if (!defaults.remote_addr.empty()) vars.push_back({"REMOTE_ADDR", defaults.remote_addr});
  if (!defaults.remote_port.empty()) vars.push_back({"REMOTE_PORT", defaults.remote_port});
  if (defaults.https) vars.push_back({"HTTPS", "on"});
  vars.insert(vars.end(), defaults.more.begin(), defaults.more.end());

  const std::string_view authority = head.substr(state_.authority, state_.authority_size);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    if (field.repeats) continue;
    const std::string_view key(names_.data() + field.key, field.key_size);
    const std::string_view value =
        field.next >= 0 ? JoinedValue(head, field) : head.substr(field.value, field.value_size);
    const bool is_host = static_cast<std::int32_t>(i) == state_.host_field;
    vars.push_back({key, is_host && !authority.empty() ? authority : value});
  }
  if (state_.host_field < 0 && !authority.empty()) vars.push_back({"HTTP_HOST", authority});
  UWSGI_CHECK(text_.capacity() == capacity);

  request.wire = Wire::kHttp;
  request.packet_size = Offset(head_size());
  request.modifier1 = request.modifier2 = 0;
  return IndexVars(request, defaults);
}

}  // namespace uwsgi::protocol
