// SPDX-License-Identifier: MIT

#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace uwsgi {

// A set of peers: IPv4 and IPv6 addresses and networks, and all unix sockets. Immutable once made.
class AddressRanges {
 public:
  // A list, with commas or spaces between, of addresses, networks ("10.0.0.0/8"), "unix" and "*"
  // for everybody.
  static Result<AddressRanges> Parse(std::string_view text);
  // All that is in one of them.
  static AddressRanges Join(const std::vector<AddressRanges>& all);

  bool empty() const { return networks_.empty() && !has_unix_; }
  bool Contains(const sockaddr_storage& peer) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address{};  // IPv4 as ::ffff:a.b.c.d.
    int bits = 0;
  };
  Result<void> Add(const std::string& text);

  std::vector<Network> networks_;
  bool has_unix_ = false;
};

}  // namespace uwsgi
