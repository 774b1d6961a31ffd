// SPDX-License-Identifier: MIT

#include "os/address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <memory>

#include "base/c_locale.h"

namespace uwsgi::os {
namespace {

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
                                                  address.host, ResolverErrorText(error))};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  SocketAddress result;
  std::memcpy(&result.storage, found->ai_addr, found->ai_addrlen);
  result.size = found->ai_addrlen;
  return result;
}

bool IsBoundTo(int fd, const SocketAddress& address) {
  SocketAddress own;
  own.size = sizeof(own.storage);
  return getsockname(fd, reinterpret_cast<sockaddr*>(&own.storage), &own.size) == 0 &&
         own.size == address.size && std::memcmp(&own.storage, &address.storage, own.size) == 0;
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
                                                      fd, ResolverErrorText(error))};
  }
  const bool is_v6 = address.family() == AF_INET6;
  local.family = is_v6 ? AddressFamily::kTcp6 : AddressFamily::kTcp4;
  local.host = host;
  local.port = port;
  local.name = is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
  return local;
}

}  // namespace uwsgi::os
