// SPDX-License-Identifier: MIT

#include "config/value_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/address.h"
#include "base/address_ranges.h"
#include "base/ascii.h"
#include "base/pattern.h"
#include "base/underscore_names.h"
#include "options/log_targets.h"
#include "options/option_table.h"
#include "options/text.h"
#include "options/tls_identity.h"
#include "os/accounts.h"
#include "protocol/request_log.h"

namespace uwsgi::config {
namespace {

// What a header's name consists of, in lower case.
constexpr std::string_view kTokenBytes = "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";

Remark Wrong(std::string text) { return {Remark::Kind::kError, std::move(text)}; }

// Fine if the parser takes the value.
template <typename T>
Remark RemarkOn(const Result<T>& parsed) {
  return parsed ? Remark{} : Wrong(parsed.error().message);
}

template <auto Parse>
Remark CheckBy(std::string_view value) {
  return RemarkOn(Parse(value));
}

// "26575" or "127.0.0.1": a port or a host, most likely, but uWSGI makes a file of it.
Remark RemarkOnFileName(std::string_view value) {
  const bool is_number = value.find_first_not_of("0123456789.") == std::string_view::npos;
  if (!is_number && value != "localhost") return {};
  const bool is_port = value.find('.') == std::string_view::npos && is_number;
  return {Remark::Kind::kWarning,
          fmt::format("is a unix socket, a file of this name; {} is a TCP port",
                      is_port ? fmt::format(":{}", value) : fmt::format("{}:PORT", value))};
}

Remark CheckAddress(std::string_view value) {
  if (value.find(',') != std::string_view::npos && value.find('/') == std::string_view::npos) {
    return Wrong("one address each, with a socket line for every one");
  }
  const Remark remark = RemarkOn(ParseAddress(value));
  return remark.kind == Remark::Kind::kFine ? RemarkOnFileName(value) : remark;
}

Remark CheckHttpAddress(std::string_view value) {
  const Result<std::string> address = AddressOfHttpUrl(value);
  return address ? CheckAddress(*address) : RemarkOn(address);
}

template <auto Parse>
Remark CheckTlsAddress(std::string_view value) {
  const Result<TlsIdentity> identity = Parse(value);
  return identity ? CheckAddress(identity->name) : RemarkOn(identity);
}

Remark CheckMimeType(std::string_view value) {
  const std::size_t equals = value.rfind('=');
  const bool has_type = equals != std::string_view::npos && value.find('/') < equals;
  return has_type && equals + 1 < value.size()
             ? Remark{}
             : Wrong("expected TYPE=EXTENSION, as in text/markdown=md");
}

Remark CheckAddedHeader(std::string_view value) {
  const std::size_t colon = value.find(':');
  const std::string name = ToLower(value.substr(0, colon));
  const bool is_token = !name.empty() && name.find_first_not_of(kTokenBytes) == std::string::npos;
  const bool has_control = std::ranges::any_of(value, [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
  if (colon == std::string_view::npos || !is_token || has_control) {
    return Wrong("expected NAME: VALUE, as in X-Frame-Options: DENY");
  }
  const bool is_framing = name == "content-length" || name == "transfer-encoding";
  return is_framing ? Wrong("the server frames every response itself") : Remark{};
}

Remark CheckRanges(std::string_view value) {
  return RemarkOn(AddressRanges::Parse({std::string(value)}));
}

Remark CheckUnderscoreNames(std::string_view value) {
  return RemarkOn(UnderscoreNames::Parse({std::string(value)}));
}

Remark CheckMount(std::string_view value) {
  return value.find('=') == std::string_view::npos ? Wrong("expected /PREFIX=APP") : Remark{};
}

Remark CheckStaticMap(std::string_view value) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos || equals + 1 == value.size()) {
    return Wrong("expected /PREFIX=DIRECTORY");
  }
  if (value.starts_with('/')) return {};
  return {Remark::Kind::kWarning, "maps nothing: every path starts with /"};
}

// Digits after the last `separator`, and something before it.
bool EndsInSeconds(std::string_view text, char separator) {
  const std::size_t at = text.rfind(separator);
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find_first_not_of("0123456789", at + 1) == std::string_view::npos;
}

Remark CheckPattern(std::string_view value) {
  return RemarkOn(Pattern::Compile(std::string(value)));
}

Remark CheckExpiry(std::string_view value) {
  if (!EndsInSeconds(value, ' ')) return Wrong("expected REGEX SECONDS");
  return CheckPattern(Trim(value.substr(0, value.rfind(' '))));
}

Remark CheckExpiryOfType(std::string_view value) {
  return EndsInSeconds(value, '=') ? Remark{} : Wrong("expected TYPE=SECONDS");
}

// A variable that there is not may be one that the application sets.
Remark CheckLogFormat(std::string_view value) {
  std::string unknown;
  for (std::size_t at = value.find("%("); at != std::string_view::npos; at = value.find("%(", at)) {
    const std::size_t end = value.find(')', at);
    if (end == std::string_view::npos) return Wrong("a variable is not closed by ')'");
    const std::string_view name = value.substr(at + 2, end - at - 2);
    at = end;
    if (protocol::IsLogVariable(name)) continue;
    if (!unknown.empty()) unknown += ", ";
    unknown += fmt::format("%({})", name);
    const std::string_view nearest = NearestOf(protocol::LogVariableNames(), name);
    if (!nearest.empty()) unknown += fmt::format(" (did you mean %({})?)", nearest);
  }
  if (unknown.empty()) return {};
  return {Remark::Kind::kWarning,
          unknown + " is no variable of the server: - unless the application sets it"};
}

Remark CheckLogPlace(std::string_view value) {
  const auto udp = ParseUdpLog(value);
  return udp && !*udp ? Wrong(udp->error().message) : Remark{};
}

Remark CheckCodings(std::string_view value) {
  constexpr std::array<std::string_view, 3> kCodings = {"br", "zstd", "gzip"};
  if (IsOff(value)) return {};
  for (const std::string_view coding : Split(value, ", ")) {
    if (std::ranges::find(kCodings, coding) != kCodings.end()) continue;
    return Wrong(std::string(coding) + " is none of br, zstd and gzip");
  }
  return {};
}

Remark CheckProtocol(std::string_view value) {
  return value == "uwsgi" || value == "http" ? Remark{} : Wrong("expected uwsgi or http");
}

Remark CheckProxyProtocol(std::string_view value) {
  return value == "accept" || value == "require" ? Remark{} : Wrong("expected accept or require");
}

Remark CheckLinkPolicy(std::string_view value) {
  constexpr std::array<std::string_view, 4> kPolicies = {"none", "safe", "owner", "all"};
  const bool is_known = std::ranges::find(kPolicies, value) != kPolicies.end();
  return is_known ? Remark{} : Wrong("expected none, safe, owner or all");
}

Remark CheckFileServeMode(std::string_view value) {
  return value == "x-sendfile" || value == "x-accel-redirect"
             ? Remark{}
             : Wrong("expected x-sendfile or x-accel-redirect");
}

bool IsZero(std::string_view value) {
  return value.find_first_not_of('0') == std::string_view::npos;
}

Remark CheckPatience(std::string_view value) {
  return IsZero(value) ? Wrong("0 leaves a client no time at all") : Remark{};
}

// More processes or threads are a mistake: the kernel runs out first.
template <std::uint64_t kMost>
Remark CheckAtMost(std::string_view value) {
  std::uint64_t number = 0;
  if (ParseValue(value, number).kind == Remark::Kind::kError || number <= kMost) return {};
  return Wrong(fmt::format("the limit is {}", kMost));
}

// Less does not hold a server's own descriptors and one connection for each of a few threads.
Remark CheckMaxFd(std::string_view value) {
  constexpr std::uint64_t kFewest = 40;
  std::uint64_t number = 0;
  if (ParseValue(value, number).kind == Remark::Kind::kError) return {};
  if (number == 0 || number >= kFewest) return {};
  return Wrong(fmt::format("a server needs {} at least", kFewest));
}

Remark CheckSome(std::string_view value) {
  return IsZero(value) ? Wrong("with 0 no request could be served") : Remark{};
}

using Check = Remark (*)(std::string_view value);

constexpr std::pair<std::string_view, Check> kChecks[] = {
    {"socket", CheckAddress},
    {"uwsgi-socket", CheckAddress},
    {"http", CheckHttpAddress},
    {"http-to-https", CheckHttpAddress},
    {"https", CheckTlsAddress<ParseHttps>},
    {"https2", CheckTlsAddress<ParseHttps2>},
    {"sni", CheckBy<ParseSni>},
    {"protocol", CheckProtocol},
    {"chown-socket", CheckBy<os::ResolveOwner>},
    {"uid", CheckBy<os::ResolveUser>},
    {"gid", CheckBy<os::ResolveGroup>},
    {"add-gid", CheckBy<os::ResolveGroup>},
    {"processes", CheckAtMost<4096>},
    {"threads", CheckAtMost<65536>},
    {"max-fd", CheckMaxFd},
    {"socket-timeout", CheckPatience},
    {"buffer-size", CheckSome},
    {"max-vars", CheckSome},
    {"forwarded-allow-from", CheckRanges},
    {"uwsgi-allow-from", CheckRanges},
    {"http-allow-underscore", CheckUnderscoreNames},
    {"proxy-protocol", CheckProxyProtocol},
    {"mount", CheckMount},
    {"static-map", CheckStaticMap},
    {"static-map2", CheckStaticMap},
    {"static-internal", CheckStaticMap},
    {"static-expires", CheckExpiry},
    {"static-expires-mtime", CheckExpiry},
    {"static-expires-uri", CheckExpiry},
    {"static-expires-uri-mtime", CheckExpiry},
    {"static-expires-path-info", CheckExpiry},
    {"static-expires-path-info-mtime", CheckExpiry},
    {"static-expires-type", CheckExpiryOfType},
    {"static-expires-type-mtime", CheckExpiryOfType},
    {"static-gzip", CheckPattern},
    {"static-follow-symlinks", CheckLinkPolicy},
    {"file-serve-mode", CheckFileServeMode},
    {"add-mime", CheckMimeType},
    {"add-header", CheckAddedHeader},
    {"compress", CheckCodings},
    {"logger", CheckLogger},
    {"log-format", CheckLogFormat},
    {"logto", CheckLogPlace},
    {"logto2", CheckLogPlace},
    {"daemonize", CheckLogPlace},
    {"daemonize2", CheckLogPlace},
};

Check FindCheck(const OptionSpec& spec) {
  for (const auto& [name, check] : kChecks) {
    if (name == spec.name) return check;
  }
  return nullptr;
}

}  // namespace

void CheckValues(const std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  std::map<const OptionSpec*, const RawOption*> last;
  for (const RawOption& option : raw) last[FindOption(option.name)] = &option;
  for (const RawOption& option : raw) {
    const OptionSpec* spec = FindOption(option.name);
    const Check check = spec == nullptr ? nullptr : FindCheck(*spec);
    if (check == nullptr) continue;
    // An empty value takes back what was set before it.
    if (!spec->field.is_list && (option.value.empty() || last[spec] != &option)) continue;
    const Remark remark = check(spec->Effective(option.value));
    if (remark.kind == Remark::Kind::kError) diagnostics.ErrorAt(option, remark.text);
    if (remark.kind == Remark::Kind::kWarning) diagnostics.WarningAt(option, remark.text);
  }
}

}  // namespace uwsgi::config
