// SPDX-License-Identifier: MIT

#pragma once

#include <sys/socket.h>

#include <array>

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

// `trusted` holds the proxies of ours.
PeerAddress DescribePeer(const sockaddr_storage& address, const AddressRanges& trusted);

}  // namespace uwsgi
