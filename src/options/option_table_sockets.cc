// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "options/option_table.h"

namespace uwsgi::config {
namespace {

template <auto Member>
consteval Field Listen() {
  return To<&Options::listen, Member>();
}

template <auto Member>
consteval Field Tls() {
  return To<&Options::listen, &ListenOptions::tls, Member>();
}

constexpr OptionSpec kRows[] = {
    {Group::kSockets, "socket", "", 's', "ADDRESS", Listen<&ListenOptions::sockets>(),
     "Listens for a web server that speaks the uwsgi protocol; a port or a unix path.", kEveryday},
    {Group::kSockets, "uwsgi-socket", "", 0, "ADDRESS", Listen<&ListenOptions::uwsgi_sockets>(),
     "The same as socket, whatever protocol says."},
    {Group::kSockets, "http", "http-socket http11-socket httprouter", 0, "ADDRESS",
     Listen<&ListenOptions::http>(), "Listens for HTTP/1.1 clients; the workers answer them.",
     kEveryday},
    {Group::kSockets, "https", "https-socket", 0, "ADDRESS,CERT,KEY", Tls<&TlsOptions::https>(),
     "Listens with TLS; ,CIPHERS and ,CA may follow, and !CA makes clients show a certificate.",
     kEveryday},
    {Group::kSockets, "https2", "", 0, "KEY=VALUE,…", Tls<&TlsOptions::https2>(),
     "The same with names: addr, cert, key, ciphers, clientca."},
    {Group::kSockets, "http-to-https", "", 0, "ADDRESS", Listen<&ListenOptions::http_to_https>(),
     "Listens for HTTP clients and sends them to https."},
    {Group::kSockets, "sni", "", 0, "NAME CERT,KEY", Tls<&TlsOptions::sni>(),
     "Certificate of one server name, or of *.NAME; ,CIPHERS and ,CA may follow."},
    {Group::kSockets, "sni-dir", "", 0, "DIRECTORY", Tls<&TlsOptions::sni_dir>(),
     "Holds NAME.crt, NAME.key and perhaps NAME.ca for each server name."},
    {Group::kSockets, "sni-dir-ciphers", "", 0, "CIPHERS", Tls<&TlsOptions::sni_dir_ciphers>(),
     "Ciphers of those names."},
    {Group::kSockets, "ssl-verify-depth", "", 0, "N", Tls<&TlsOptions::verify_depth>(),
     "Intermediate certificates that may stand between a client's and its authority."},
    {Group::kSockets, "https-session-context", "", 0, "TEXT", Tls<&TlsOptions::session_context>(),
     "Sessions are resumed only where this is the same."},
    {Group::kSockets, "https-export-cert", "", 0, "", Tls<&TlsOptions::export_certificate>(),
     "Puts a client's certificate into environ, as HTTPS_CC and SSL_CLIENT_CERT."},
    {Group::kSockets, "protocol", "socket-protocol", 0, "NAME", Listen<&ListenOptions::protocol>(),
     "What socket speaks: uwsgi or http.", kEveryday},
    {Group::kSockets, "listen", "", 'l', "N", Listen<&ListenOptions::backlog>(),
     "Length of each socket's queue; 0 is 4096, or less where the kernel allows less.", kEveryday},
    {Group::kSockets, "chmod-socket", "chmod", 'C', "MODE", Listen<&ListenOptions::chmod>(),
     "Mode of unix sockets, set before anybody can reach them; 777 with daemonize and no umask.",
     kEveryday, "666"},
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
