// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "net/options.h"

#include "options/option_spec.h"

namespace uwsgi {

Result<ProxyProtocol> ParseProxyProtocol(std::string_view text) {
  if (text == "accept") return ProxyProtocol::kAccept;
  if (text == "require") return ProxyProtocol::kRequire;
  return Error{ErrorCode::kInvalid, "expected accept or require"};
}

std::string ShowValue(ProxyProtocol mode) {
  if (mode == ProxyProtocol::kOff) return {};
  return mode == ProxyProtocol::kAccept ? "accept" : "require";
}

namespace config {
namespace {

constexpr OptionSpec kRows[] = {
    {Group::kRequests, "forwarded-allow-from", "", 0, "NETWORK,…",
     Parsed<&PeerOptions::forwarded_allow_from, AddressRanges::Parse>(),
     "Proxies whose X-Forwarded-* and PROXY headers count; unix and loopback by default.",
     kEveryday},
    {Group::kRequests, "http-allow-underscore", "", 0, "NAME,…",
     Parsed<&PeerOptions::http_allow_underscore, UnderscoreNames::Parse>(),
     "Headers with _ in their name that reach the application, if forwarded-allow-from sends "
     "them."},
    {Group::kRequests, "uwsgi-allow-from", "", 0, "NETWORK,…",
     Parsed<&PeerOptions::uwsgi_allow_from, AddressRanges::Parse>(),
     "Who may connect to uwsgi sockets on TCP; everybody by default."},
    {Group::kRequests, "enable-proxy-protocol", "http-enable-proxy-protocol", 0, "",
     To<&PeerOptions::enable_proxy_protocol>(),
     "Takes a PROXY header, version 1 or 2, that forwarded-allow-from sends to an HTTP socket."},
    {Group::kRequests, "proxy-protocol", "", 0, "accept|require",
     Parsed<&PeerOptions::proxy_protocol, ParseProxyProtocol>(),
     "With require, connections to HTTP sockets without a PROXY header are closed."},
};

}  // namespace

OptionRows PeerRows() { return kRows; }

}  // namespace config
}  // namespace uwsgi
