// SPDX-License-Identifier: MIT
//
// Socket addresses as the kernel has them; base/address.h reads those of the configuration.

#pragma once

#include <sys/socket.h>

#include <string>

#include "base/address.h"
#include "base/result.h"
#include "uwsgi/listener.h"

namespace uwsgi::os {

// An address for bind and connect.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// Looks host names up, which may take as long as the resolver does.
Result<SocketAddress> Resolve(const Address& address);

// Whether the socket is bound to this address.
bool IsBoundTo(int fd, const SocketAddress& address);

// The local address of a socket: "127.0.0.1:3031", "[::1]:3031", "/run/site.sock", "@site".
// `host` and `port` are numbers for TCP and empty otherwise.
struct LocalName {
  AddressFamily family = AddressFamily::kTcp4;
  std::string name;
  std::string host;
  std::string port;
};
Result<LocalName> ReadLocalName(int fd);

}  // namespace uwsgi::os
