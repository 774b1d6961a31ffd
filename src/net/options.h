// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/address_ranges.h"
#include "base/result.h"
#include "base/underscore_names.h"
#include "options/rows.h"

namespace uwsgi {

// Whether connections to HTTP sockets begin with a header of the PROXY protocol.
enum class ProxyProtocol {
  kOff,
  kAccept,   // They may, where a proxy of ours connects.
  kRequire,  // They must.
};
// "accept" or "require"
Result<ProxyProtocol> ParseProxyProtocol(std::string_view text);
std::string ShowValue(ProxyProtocol mode);

// Who may connect, and whose word counts.
struct PeerOptions {
  std::vector<AddressRanges> forwarded_allow_from;  // Without any: this machine.
  std::vector<AddressRanges> uwsgi_allow_from;      // All of them empty: everybody.
  std::vector<UnderscoreNames> http_allow_underscore;
  bool enable_proxy_protocol = false;
  ProxyProtocol proxy_protocol = ProxyProtocol::kOff;  // Off: as enable_proxy_protocol says.
};

namespace config {
OptionRows PeerRows();
}  // namespace config

}  // namespace uwsgi
