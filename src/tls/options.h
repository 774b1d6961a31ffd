// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "options/rows.h"
#include "tls/identity.h"

namespace uwsgi {

struct TlsOptions {
  std::vector<TlsIdentity> endpoints;  // https, https-socket and https2.
  std::vector<TlsIdentity> names;      // sni
  std::string sni_dir;
  std::string sni_dir_ciphers;
  int verify_depth = 100;  // Intermediate certificates between a client's and its authority.
  std::string session_context;
  bool export_certificate = false;
};

namespace config {
OptionRows TlsAddressRows();
OptionRows TlsRows();
}  // namespace config

}  // namespace uwsgi
