// SPDX-License-Identifier: MIT

#pragma once

#include <sys/socket.h>

#include <array>
#include <string>

#include "base/address_ranges.h"

namespace uwsgi {

// Where a connection comes from. Plain data: it travels between workers with the connection.
struct PeerAddress {
  std::array<char, 46> text{};  // Empty for unix sockets.
  std::array<char, 6> port{};
  // A proxy of ours, so that its X-Forwarded-* headers count.
  bool is_trusted = false;

  bool is_unix() const { return text[0] == '\0'; }
};

// Who it is, for the log. `fd` is the connection's: of the peer of a uwsgi socket, which speaks for
// its own clients, the address is not asked for before.
std::string PeerName(const PeerAddress& peer, int fd);

// `trusted` holds the proxies of ours.
PeerAddress DescribePeer(const sockaddr_storage& address, const AddressRanges& trusted);

}  // namespace uwsgi
