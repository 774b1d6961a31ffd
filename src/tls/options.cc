// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "tls/options.h"

#include "options/option_spec.h"
#include "os/address_checks.h"

namespace uwsgi::config {
namespace {

// `kParse` has taken it.
template <auto kParse>
Remark CheckTlsAddress(std::string_view value) {
  return CheckAddress(kParse(value)->name);
}

constexpr OptionSpec kAddressRows[] = {
    {Group::kSockets, "https", "https-socket", 0, "ADDRESS,CERT,KEY",
     Parsed<&TlsOptions::endpoints, ParseHttps, CheckTlsAddress<ParseHttps>>(),
     "Listens with TLS; ,CIPHERS and ,CA may follow, and !CA makes clients show a certificate.",
     kEveryday | kListens},
    {Group::kSockets, "https2", "", 0, "KEY=VALUE,…",
     Parsed<&TlsOptions::endpoints, ParseHttps2, CheckTlsAddress<ParseHttps2>>(),
     "The same with names: addr, cert, key, ciphers, clientca.", kListens},
};

constexpr OptionSpec kRows[] = {
    {Group::kSockets, "sni", "", 0, "NAME CERT,KEY", Parsed<&TlsOptions::names, ParseSni>(),
     "Certificate of one server name, or of *.NAME; ,CIPHERS and ,CA may follow."},
    {Group::kSockets, "sni-dir", "", 0, "DIRECTORY", To<&TlsOptions::sni_dir>(),
     "Holds NAME.crt, NAME.key and perhaps NAME.ca for each server name."},
    {Group::kSockets, "sni-dir-ciphers", "", 0, "CIPHERS", To<&TlsOptions::sni_dir_ciphers>(),
     "Ciphers of those names."},
    {Group::kSockets, "ssl-verify-depth", "", 0, "N", To<&TlsOptions::verify_depth>(),
     "Intermediate certificates that may stand between a client's and its authority."},
    {Group::kSockets, "https-session-context", "", 0, "TEXT", To<&TlsOptions::session_context>(),
     "Sessions are resumed only where this is the same."},
    {Group::kSockets, "https-export-cert", "", 0, "", To<&TlsOptions::export_certificate>(),
     "Puts a client's certificate into environ, as HTTPS_CC and SSL_CLIENT_CERT."},
};

}  // namespace

OptionRows TlsAddressRows() { return kAddressRows; }
OptionRows TlsRows() { return kRows; }

}  // namespace uwsgi::config
