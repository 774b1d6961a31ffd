// SPDX-License-Identifier: MIT

#include "os/address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>

namespace uwsgi::os {
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

SocketAddress UnixAddress(const Address& address) {
  SocketAddress result;
  auto* un = reinterpret_cast<sockaddr_un*>(&result.storage);
  un->sun_family = AF_UNIX;
  const std::size_t offset = address.family == AddressFamily::kAbstract ? 1 : 0;
  std::memcpy(un->sun_path + offset, address.path.data(), address.path.size());
  result.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.path.size() + 1);
  return result;
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
  if (!is_path && text.find(':') != std::string_view::npos) return ParseTcp(text);
  return ParseUnix(text, AddressFamily::kUnix, text);
}

Result<SocketAddress> Resolve(const Address& address) {
  if (!address.is_tcp()) return UnixAddress(address);

  addrinfo hints{};
  hints.ai_family = address.family == AddressFamily::kTcp6 ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const char* host = address.host.empty() ? nullptr : address.host.c_str();
  const int error = getaddrinfo(host, std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) {
    return Error{ErrorCode::kInvalid, fmt::format("cannot resolve '{}': {} (a host name or address "
                                                  "of this machine is wanted)",
                                                  address.host, gai_strerror(error))};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  SocketAddress result;
  std::memcpy(&result.storage, found->ai_addr, found->ai_addrlen);
  result.size = found->ai_addrlen;
  return result;
}

Result<LocalName> ReadLocalName(int fd) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  auto* raw = reinterpret_cast<sockaddr*>(&address.storage);
  if (getsockname(fd, raw, &address.size) != 0) {
    return SystemError(fmt::format("cannot read the address of descriptor {}", fd), errno);
  }
  LocalName local;
  if (address.family() == AF_UNIX) {
    const auto* un = reinterpret_cast<const sockaddr_un*>(raw);
    const std::size_t size = address.size - offsetof(sockaddr_un, sun_path);
    local.family = AddressFamily::kUnix;
    if (address.size <= offsetof(sockaddr_un, sun_path)) return local;
    if (un->sun_path[0] == '\0') {
      local.family = AddressFamily::kAbstract;
      local.name = "@" + std::string(un->sun_path + 1, size - 1);
    } else {
      local.name.assign(un->sun_path, strnlen(un->sun_path, size));
    }
    return local;
  }
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  const int error = getnameinfo(raw, address.size, host, sizeof(host), port, sizeof(port),
                                NI_NUMERICHOST | NI_NUMERICSERV);
  if (error != 0) {
    return Error{ErrorCode::kUnsupported, fmt::format("descriptor {} is neither a TCP nor a unix "
                                                      "socket: {}",
                                                      fd, gai_strerror(error))};
  }
  const bool is_v6 = address.family() == AF_INET6;
  local.family = is_v6 ? AddressFamily::kTcp6 : AddressFamily::kTcp4;
  local.host = host;
  local.port = port;
  local.name = is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
  return local;
}

}  // namespace uwsgi::os
