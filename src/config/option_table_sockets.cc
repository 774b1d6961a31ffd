// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "config/option_table.h"

namespace uwsgi::config {
namespace {

template <auto Member>
consteval Field Listen() {
  return To<&Options::listen, Member>();
}

constexpr OptionSpec kRows[] = {
    {Group::kSockets, "socket", "", 's', "ADDRESS", Listen<&ListenOptions::sockets>(),
     "Listens for a web server that speaks the uwsgi protocol; a port or a unix path.", kEveryday},
    {Group::kSockets, "uwsgi-socket", "", 0, "ADDRESS", Listen<&ListenOptions::uwsgi_sockets>(),
     "The same as socket, whatever protocol says."},
    {Group::kSockets, "http", "http-socket http11-socket httprouter", 0, "ADDRESS",
     Listen<&ListenOptions::http>(), "Listens for HTTP/1.1 clients; the workers answer them.",
     kEveryday},
    {Group::kSockets, "protocol", "socket-protocol", 0, "NAME", Listen<&ListenOptions::protocol>(),
     "What socket speaks: uwsgi or http.", kEveryday},
    {Group::kSockets, "listen", "", 'l', "N", Listen<&ListenOptions::backlog>(),
     "Length of each socket's queue; 0 is 4096, or less where the kernel allows less.", kEveryday},
    {Group::kSockets, "chmod-socket", "chmod", 'C', "MODE", Listen<&ListenOptions::chmod>(),
     "Mode of unix sockets, set before anybody can reach them.", kEveryday, "666"},
    {Group::kSockets, "chown-socket", "", 0, "USER[:GROUP]", Listen<&ListenOptions::chown>(),
     "Owner of unix sockets.", kEveryday},
    {Group::kSockets, "reuse-port", "", 0, "", Listen<&ListenOptions::reuse_port>(),
     "Sets SO_REUSEPORT, so that several servers may share a TCP port."},
    {Group::kSockets, "no-defer-accept", "", 0, "", Listen<&ListenOptions::no_defer_accept>(),
     "Accepts TCP connections before their first byte arrives."},
    {Group::kSockets, "so-keepalive", "", 0, "", Listen<&ListenOptions::keep_alive>(),
     "Sets SO_KEEPALIVE on accepted connections."},
};

}  // namespace

std::span<const OptionSpec> SocketRows() { return kRows; }

}  // namespace uwsgi::config
