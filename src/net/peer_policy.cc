// SPDX-License-Identifier: MIT

#include "net/peer_policy.h"

#include <string>
#include <utility>
#include <vector>

namespace uwsgi {
namespace {

ProxyProtocol ProxyProtocolOf(const PeerOptions& options) {
  if (options.proxy_protocol == "require") return ProxyProtocol::kRequire;
  const bool is_accepted = options.proxy_protocol == "accept" || options.enable_proxy_protocol;
  return is_accepted ? ProxyProtocol::kAccept : ProxyProtocol::kOff;
}

}  // namespace

Result<PeerPolicy> PeerPolicy::Make(const PeerOptions& options) {
  const std::vector<std::string> this_machine = {"127.0.0.0/8", "::1", "unix"};
  const bool is_default = options.forwarded_allow_from.empty();
  auto proxies = AddressRanges::Parse(is_default ? this_machine : options.forwarded_allow_from);
  if (!proxies) return std::move(proxies).error();
  auto web_servers = AddressRanges::Parse(options.uwsgi_allow_from);
  if (!web_servers) return std::move(web_servers).error();
  return PeerPolicy{*std::move(proxies), *std::move(web_servers), ProxyProtocolOf(options)};
}

}  // namespace uwsgi
