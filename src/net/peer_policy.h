// SPDX-License-Identifier: MIT

#pragma once

#include "base/address_ranges.h"
#include "net/options.h"

namespace uwsgi {

// Who may connect, and whose word counts. Made once, read by the loop's owner.
struct PeerPolicy {
  explicit PeerPolicy(const PeerOptions& options);

  AddressRanges proxies;      // forwarded-allow-from: may say who their clients are.
  AddressRanges web_servers;  // uwsgi-allow-from: may use uwsgi TCP sockets; empty: everybody.
  ProxyProtocol proxy_protocol;
};

}  // namespace uwsgi
