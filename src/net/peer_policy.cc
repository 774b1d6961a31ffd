// SPDX-License-Identifier: MIT

#include "net/peer_policy.h"

namespace uwsgi {
namespace {

AddressRanges ProxiesOf(const PeerOptions& options) {
  if (options.forwarded_allow_from.empty()) {
    return AddressRanges::Parse("127.0.0.0/8,::1,unix").value();
  }
  return AddressRanges::Join(options.forwarded_allow_from);
}

ProxyProtocol ProxyProtocolOf(const PeerOptions& options) {
  if (options.proxy_protocol != ProxyProtocol::kOff) return options.proxy_protocol;
  return options.enable_proxy_protocol ? ProxyProtocol::kAccept : ProxyProtocol::kOff;
}

}  // namespace

PeerPolicy::PeerPolicy(const PeerOptions& options)
    : proxies(ProxiesOf(options)),
      web_servers(AddressRanges::Join(options.uwsgi_allow_from)),
      proxy_protocol(ProxyProtocolOf(options)) {}

}  // namespace uwsgi
