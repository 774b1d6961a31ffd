// SPDX-License-Identifier: MIT

#include "protocol/cgi_vars.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

// The variables that the server itself reads.
enum Slot : unsigned {
  kMethod,
  kUri,
  kPathInfo,
  kQueryString,
  kScriptName,
  kProtocol,
  kServerName,
  kServerPort,
  kRemoteAddr,
  kRemoteUser,
  kHost,
  kUserAgent,
  kReferer,
  kContentLength,
  kTransferEncoding,
  kHttps,
  kForwardedProto,
  kForwardedSsl,
  kUwsgiScheme,
  kUwsgiAppId,
  kOther,  // Everything else: kept, not looked at.
  kSlotCount,
};

// The length singles out at most a few candidates, so a key costs a jump and a compare or two.
Slot SlotOf(std::string_view key) {
  switch (key.size()) {
    case 5:
      return key == "HTTPS" ? kHttps : kOther;
    case 9:
      return key == "PATH_INFO" ? kPathInfo : key == "HTTP_HOST" ? kHost : kOther;
    case 11:
      switch (key[7]) {  // The first byte that tells most of them apart.
        case '_':
          return key == "REQUEST_URI" ? kUri : kOther;
        case 'N':
          return key == "SCRIPT_NAME" ? kScriptName : key == "SERVER_NAME" ? kServerName : kOther;
        case 'P':
          return key == "SERVER_PORT" ? kServerPort : key == "UWSGI_APPID" ? kUwsgiAppId : kOther;
        case 'A':
          return key == "REMOTE_ADDR" ? kRemoteAddr : kOther;
        case 'U':
          return key == "REMOTE_USER" ? kRemoteUser : kOther;
        default:
          return kOther;
      }
    case 12:
      return key == "QUERY_STRING"   ? kQueryString
             : key == "HTTP_REFERER" ? kReferer
             : key == "UWSGI_SCHEME" ? kUwsgiScheme
                                     : kOther;
    case 14:
      return key == "REQUEST_METHOD" ? kMethod : key == "CONTENT_LENGTH" ? kContentLength : kOther;
    case 15:
      return key == "SERVER_PROTOCOL" ? kProtocol : key == "HTTP_USER_AGENT" ? kUserAgent : kOther;
    case 20:
      return key == "HTTP_X_FORWARDED_SSL" ? kForwardedSsl : kOther;
    case 22:
      return key == "HTTP_X_FORWARDED_PROTO"   ? kForwardedProto
             : key == "HTTP_TRANSFER_ENCODING" ? kTransferEncoding
                                               : kOther;
    default:
      return kOther;
  }
}

bool IsServersOwn(std::string_view key) {
  return key.starts_with("wsgi.") || key.starts_with("uwsgi.");
}

bool IsForwardedHeader(std::string_view key) {
  return key.starts_with("HTTP_X_FORWARDED_") || key == "HTTP_FORWARDED" ||
         key == "HTTP_X_REAL_IP" || key == "HTTP_X_CLIENT_IP";
}

struct Slots {
  std::array<std::string_view, kSlotCount> values;
  std::uint32_t seen = 0;

  bool has(Slot slot) const { return (seen >> slot & 1U) != 0; }
};

Slots IndexAndFilter(std::vector<Var>& vars, bool trust_forwarded) {
  Slots slots;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < vars.size(); ++i) {
    const Var var = vars[i];
    if (IsServersOwn(var.key) || (!trust_forwarded && IsForwardedHeader(var.key))) continue;
    const Slot slot = SlotOf(var.key);
    slots.values[slot] = var.value;
    slots.seen |= 1U << slot;
    if (kept != i) vars[kept] = var;
    ++kept;
  }
  vars.resize(kept);
  return slots;
}

bool IsTrue(std::string_view flag) { return flag == "1" || EqualsIgnoringCase(flag, "on"); }

// Empty unless the text can be a URI's scheme. The two that matter come out in lower case.
std::string_view CheckedScheme(std::string_view text) {
  if (EqualsIgnoringCase(text, "https")) return "https";
  if (EqualsIgnoringCase(text, "http")) return "http";
  if (text.empty() || !IsAlpha(text[0])) return {};
  for (const char byte : text) {
    if (!IsAlpha(byte) && !IsDigit(byte) && byte != '+' && byte != '-' && byte != '.') return {};
  }
  return text;
}

std::string_view SchemeOf(const Slots& slots) {
  for (const Slot slot : {kUwsgiScheme, kForwardedProto}) {
    const std::string_view scheme = CheckedScheme(slots.values[slot]);
    if (!scheme.empty()) return scheme;
  }
  return IsTrue(slots.values[kHttps]) || IsTrue(slots.values[kForwardedSsl]) ? "https" : "http";
}

// Appends what PEP 3333 wants in every environ. `may_be_empty`: an empty value stays as it is.
void Complete(Request& request, Slots& slots, const CgiDefaults& defaults) {
  struct Required {
    Slot slot;
    std::string_view key;
    std::string_view value;
    bool may_be_empty;
  };
  const std::array<Required, 7> required = {{
      {kMethod, "REQUEST_METHOD", "GET", false},
      {kScriptName, "SCRIPT_NAME", "", true},
      {kPathInfo, "PATH_INFO", "", true},
      {kQueryString, "QUERY_STRING", "", true},
      {kServerName, "SERVER_NAME", defaults.server_name, false},
      {kServerPort, "SERVER_PORT", defaults.server_port, false},
      {kProtocol, "SERVER_PROTOCOL", "HTTP/1.0", false},
  }};
  for (const Required& row : required) {
    const bool complete = row.may_be_empty ? slots.has(row.slot) : !slots.values[row.slot].empty();
    if (complete) continue;
    request.vars.push_back({row.key, row.value});
    slots.values[row.slot] = row.value;
  }
}

void CutDoubledSlash(Request& request, Slots& slots) {
  std::string_view& script_name = slots.values[kScriptName];
  if (!script_name.ends_with('/') || !slots.values[kPathInfo].starts_with('/')) return;
  script_name.remove_suffix(1);
  for (Var& var : request.vars) {
    if (var.key == "SCRIPT_NAME") var.value = script_name;
  }
}

Error ControlCharacter(std::string_view variable) {
  return {ErrorCode::kMalformed, fmt::format("control character in {}", variable)};
}

}  // namespace

std::optional<std::uint64_t> ParseContentLength(std::string_view text) {
  std::uint64_t length = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, length);
  if (error == std::errc::invalid_argument || stop != end) return std::nullopt;
  return error == std::errc() ? length : UINT64_MAX;
}

Result<void> IndexVars(Request& request, const CgiDefaults& defaults) {
  Slots slots = IndexAndFilter(request.vars, defaults.trust_forwarded);
  Complete(request, slots, defaults);
  CutDoubledSlash(request, slots);
  const auto& values = slots.values;
  request.method = values[kMethod];
  request.uri = values[kUri];
  request.path_info = values[kPathInfo];
  request.script_name = values[slots.has(kUwsgiAppId) ? kUwsgiAppId : kScriptName];
  request.protocol = values[kProtocol];
  request.remote_addr = values[kRemoteAddr];
  request.remote_user = values[kRemoteUser];
  request.host = values[kHost];
  request.user_agent = values[kUserAgent];
  request.referer = values[kReferer];
  request.scheme = SchemeOf(slots);

  request.content_length = 0;
  if (!values[kContentLength].empty()) {
    request.content_length = ParseContentLength(values[kContentLength]);
    if (!request.content_length) {
      return Error{ErrorCode::kMalformed, "CONTENT_LENGTH is not a number of bytes"};
    }
    if (*request.content_length > kMaxContentLength) {
      return Error{ErrorCode::kTooLarge, "a CONTENT_LENGTH of 2^63 bytes or more"};
    }
  } else if (EqualsIgnoringCase(TrimBlanks(values[kTransferEncoding]), "chunked")) {
    request.content_length = std::nullopt;
  }
  if (HasControl(request.method)) return ControlCharacter("REQUEST_METHOD");
  if (HasControl(request.uri)) return ControlCharacter("REQUEST_URI");
  if (HasControl(request.protocol)) return ControlCharacter("SERVER_PROTOCOL");
  return {};
}

}  // namespace uwsgi::protocol
