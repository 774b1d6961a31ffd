// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "net/options.h"

#include "base/address_ranges.h"
#include "base/underscore_names.h"
#include "options/option_spec.h"
#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

Remark CheckRanges(std::string_view value) {
  return RemarkOn(AddressRanges::Parse({std::string(value)}));
}

Remark CheckUnderscoreNames(std::string_view value) {
  return RemarkOn(UnderscoreNames::Parse({std::string(value)}));
}

Remark CheckProxyProtocol(std::string_view value) {
  return value == "accept" || value == "require" ? Remark{} : Wrong("expected accept or require");
}

constexpr OptionSpec kRows[] = {
    {Group::kRequests, "forwarded-allow-from", "", 0, "NETWORK,…",
     To<&PeerOptions::forwarded_allow_from, CheckRanges>(),
     "Proxies whose X-Forwarded-* and PROXY headers count; unix and loopback by default.",
     kEveryday},
    {Group::kRequests, "http-allow-underscore", "", 0, "NAME,…",
     To<&PeerOptions::http_allow_underscore, CheckUnderscoreNames>(),
     "Headers with _ in their name that reach the application, if forwarded-allow-from sends "
     "them."},
    {Group::kRequests, "uwsgi-allow-from", "", 0, "NETWORK,…",
     To<&PeerOptions::uwsgi_allow_from, CheckRanges>(),
     "Who may connect to uwsgi sockets on TCP; everybody by default."},
    {Group::kRequests, "enable-proxy-protocol", "http-enable-proxy-protocol", 0, "",
     To<&PeerOptions::enable_proxy_protocol>(),
     "Takes a PROXY header, version 1 or 2, that forwarded-allow-from sends to an HTTP socket."},
    {Group::kRequests, "proxy-protocol", "", 0, "accept|require",
     To<&PeerOptions::proxy_protocol, CheckProxyProtocol>(),
     "With require, connections to HTTP sockets without a PROXY header are closed."},
};

}  // namespace

OptionRows PeerRows() { return kRows; }

}  // namespace uwsgi::config
