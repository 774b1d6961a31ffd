// SPDX-License-Identifier: MIT
//
// Certificates and keys as texts. The process that may still read the files reads them; the
// text goes to the generation's processes, which need no file.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tls/options.h"

namespace uwsgi::tls {

struct Credentials {
  TlsIdentity files;        // For messages, and its ciphers and name.
  std::string certificate;  // PEM: the server's, then those that lead to a root.
  std::string key;          // PEM.
  std::string client_ca;    // PEM; empty: clients are not asked for a certificate.
};

// All of a server.
struct Material {
  std::vector<Credentials> endpoints;  // By Listener::tls.
  std::vector<Credentials> names;      // sni: by server name, for every endpoint.
  std::string ticket_key;              // kTicketKeySize bytes, the same in all processes.
  int verify_depth = 100;              // ssl-verify-depth
  std::string session_context;
  bool export_certificate = false;  // https-export-cert

  bool empty() const { return endpoints.empty(); }
};

inline constexpr std::size_t kTicketKeySize = 80;

// Reads the files, at the start and at each reload.
class MaterialReader {
 public:
  // What `options` names, encoded; empty without endpoints. All of it can be used: otherwise the
  // error names the file and the option. An expired certificate is logged, and used.
  //
  // Files that may not be read any more, since privileges were dropped, keep their last state.
  Result<std::string> Read(const TlsOptions& options);

 private:
  Result<Material> ReadFiles(const TlsOptions& options) const;
  Result<void> Add(std::vector<Credentials>& to, const std::vector<TlsIdentity>& identities,
                   std::string_view option) const;

  std::string ticket_key_;  // The server's for its life, so that clients resume across reloads.
  std::string last_;
};

// The files of `options`, and the directory of sni-dir, for those who watch them for changes.
std::vector<std::string> FilesOf(const TlsOptions& options);

std::string Encode(const Material& material);
Result<Material> Decode(std::string_view text);

}  // namespace uwsgi::tls
