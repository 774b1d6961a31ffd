// SPDX-License-Identifier: MIT

#pragma once

#include "base/address_ranges.h"
#include "base/result.h"
#include "net/options.h"

namespace uwsgi {

// Whether connections to HTTP sockets begin with a header of the PROXY protocol.
enum class ProxyProtocol {
  kOff,
  kAccept,   // They may, where a proxy of ours connects.
  kRequire,  // They must.
};

// Who may connect, and whose word counts. Made once, read by the loop's owner.
struct PeerPolicy {
  AddressRanges proxies;      // forwarded-allow-from: may say who their clients are.
  AddressRanges web_servers;  // uwsgi-allow-from: may use uwsgi TCP sockets; empty: everybody.
  ProxyProtocol proxy_protocol = ProxyProtocol::kOff;

  static Result<PeerPolicy> Make(const PeerOptions& options);
};

}  // namespace uwsgi
