// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "os/listen_options.h"

#include "base/address.h"
#include "options/option_spec.h"
#include "options/value_checks.h"
#include "os/accounts.h"
#include "os/address_checks.h"

namespace uwsgi {

Result<Wire> ParseWire(std::string_view text) {
  if (text == "http") return Wire::kHttp;
  if (text == "uwsgi") return Wire::kUwsgi;
  return Error{ErrorCode::kInvalid, "expected uwsgi or http"};
}

std::string ShowValue(Wire wire) { return wire == Wire::kHttp ? "http" : "uwsgi"; }

namespace config {
namespace {

constexpr OptionSpec kSocketRows[] = {
    {Group::kSockets, "socket", "", 's', "ADDRESS", To<&ListenOptions::sockets, CheckAddress>(),
     "Listens for a web server that speaks the uwsgi protocol; a port or a unix path.",
     kEveryday | kListens},
    {Group::kSockets, "uwsgi-socket", "", 0, "ADDRESS",
     To<&ListenOptions::uwsgi_sockets, CheckAddress>(),
     "The same as socket, whatever protocol says.", kListens},
    {Group::kSockets, "http", "http-socket http11-socket httprouter", 0, "ADDRESS",
     Parsed<&ListenOptions::http, AddressOfHttpUrl, CheckHttpAddress>(),
     "Listens for HTTP/1.1 clients; the workers answer them.", kEveryday | kListens},
};

constexpr OptionSpec kRedirectRows[] = {
    {Group::kSockets, "http-to-https", "", 0, "ADDRESS",
     Parsed<&ListenOptions::http_to_https, AddressOfHttpUrl, CheckHttpAddress>(),
     "Listens for HTTP clients and sends them to https."},
};

constexpr OptionSpec kListenRows[] = {
    {Group::kSockets, "protocol", "socket-protocol", 0, "NAME",
     Parsed<&ListenOptions::protocol, ParseWire>(), "What socket speaks: uwsgi or http.",
     kEveryday},
    {Group::kSockets, "listen", "", 'l', "N", To<&ListenOptions::backlog>(),
     "Length of each socket's queue; 0 is 4096, or less where the kernel allows less.", kEveryday},
    {Group::kSockets, "chmod-socket", "chmod", 'C', "MODE", To<&ListenOptions::chmod>(),
     "Mode of unix sockets, set before anybody can reach them; 777 with daemonize and no umask.",
     kEveryday, "666"},
    {Group::kSockets, "chown-socket", "", 0, "USER[:GROUP]",
     To<&ListenOptions::chown, CheckBy<os::ResolveOwner>>(), "Owner of unix sockets.", kEveryday},
    {Group::kSockets, "reuse-port", "", 0, "", To<&ListenOptions::reuse_port>(),
     "Sets SO_REUSEPORT, so that several servers may share a TCP port."},
    {Group::kSockets, "no-defer-accept", "", 0, "", To<&ListenOptions::no_defer_accept>(),
     "Accepts TCP connections before their first byte arrives."},
    {Group::kSockets, "so-keepalive", "", 0, "", To<&ListenOptions::keep_alive>(),
     "Sets SO_KEEPALIVE on accepted connections."},
};

}  // namespace

OptionRows SocketRows() { return kSocketRows; }
OptionRows RedirectRows() { return kRedirectRows; }
OptionRows ListenRows() { return kListenRows; }

}  // namespace config
}  // namespace uwsgi
