// SPDX-License-Identifier: MIT

#include "base/address.h"

#include <fmt/core.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>

namespace uwsgi {
namespace {

Error BadAddress(std::string_view text, std::string_view why) {
  return {ErrorCode::kInvalid, fmt::format("invalid socket address '{}': {}", text, why)};
}

bool ParseNumber(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() &&
         text.front() != '-';
}

Result<Address> ParseUnix(std::string_view text, AddressFamily family, std::string_view path) {
  // A path ends with a NUL, an abstract name begins with one: the same room for both.
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty()) return BadAddress(text, "the name is empty");
  if (path.find('\0') != std::string_view::npos) return BadAddress(text, "it holds a NUL");
  if (path.size() > kLongest) {
    return BadAddress(
        text.substr(0, 40),
        fmt::format("{} bytes, a unix socket's name has {} at most", path.size(), kLongest));
  }
  Address address;
  address.family = family;
  address.path = path;
  return address;
}

Result<Address> ParseTcp(std::string_view text) {
  Address address;
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return BadAddress(text, "expected [address]:port");
    address.family = AddressFamily::kTcp6;
    host = host.substr(1, host.size() - 2);
    if (host.empty()) return BadAddress(text, "the address in brackets is empty");
  } else if (host.find(':') != std::string_view::npos) {
    return BadAddress(text, "an IPv6 address stands in brackets, as in [::1]:3031");
  }
  int port = 0;
  if (!ParseNumber(text.substr(colon + 1), port) || port > 65535) {
    return BadAddress(text, "the port is a number from 0 to 65535");
  }
  if (host != "*") address.host = host;
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

}  // namespace

Result<Address> ParseAddress(std::string_view text) {
  constexpr std::string_view kFdPrefix = "fd://";
  if (text.starts_with(kFdPrefix)) {
    Address address;
    if (!ParseNumber(text.substr(kFdPrefix.size()), address.inherited_fd)) {
      return BadAddress(text, "expected fd://NUMBER");
    }
    return address;
  }
  if (text.starts_with('@')) return ParseUnix(text, AddressFamily::kAbstract, text.substr(1));
  if (text.starts_with("\\0")) return ParseUnix(text, AddressFamily::kAbstract, text.substr(2));
  const bool is_path = text.starts_with('/') || text.starts_with('.');
  if (!is_path && text.find("://") != std::string_view::npos) {
    return BadAddress(text, "a URL; write the address alone, and for HTTP the option http");
  }
  if (!is_path && text.find(':') != std::string_view::npos) return ParseTcp(text);
  return ParseUnix(text, AddressFamily::kUnix, text);
}

std::optional<Result<Address>> ParseUdpLog(std::string_view text) {
  constexpr std::string_view kPrefix = "udp:";
  const std::string_view place = text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
  const std::size_t colon = place.rfind(':');
  const std::string_view port = colon < place.size() ? place.substr(colon + 1) : std::string_view();
  const bool is_address = !port.empty() && place.find('/') == std::string_view::npos &&
                          port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_address && place.size() == text.size()) return std::nullopt;
  if (!is_address) return BadAddress(text, "expected udp:HOST:PORT");
  auto address = ParseTcp(place);
  if (address && (address->host.empty() || address->port == 0)) {
    return BadAddress(text, "a log by UDP names its host and its port");
  }
  return address;
}

Result<std::string> AddressOfHttpUrl(std::string_view text) {
  constexpr std::string_view kHttp = "http://";
  if (text.starts_with("https://")) {
    return BadAddress(text, "this is TLS: set https = ADDRESS,CERTIFICATE,KEY");
  }
  if (!text.starts_with(kHttp)) return std::string(text);
  std::string_view address = text.substr(kHttp.size());
  if (address.ends_with('/')) address.remove_suffix(1);
  if (address.find('/') != std::string_view::npos) {
    return BadAddress(text, "a socket has no path: mount = /PREFIX=APP is what applications have");
  }
  if (address.find(':') == std::string_view::npos) {
    return BadAddress(text, "the port is missing, as in http://localhost:8000");
  }
  return std::string(address);
}

}  // namespace uwsgi
