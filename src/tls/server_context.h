// SPDX-License-Identifier: MIT

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tls/credentials.h"
#include "tls/session.h"

struct ssl_ctx_st;

namespace uwsgi::tls {

// The server's side of TLS for every endpoint: certificates, server names, tickets. TLS 1.2 and
// 1.3, no renegotiation, no compression, http/1.1 by ALPN. Made once; sessions may be made
// from it in one thread at a time.
class ServerContexts {
 public:
  // The error names the file that is to blame.
  static Result<std::unique_ptr<ServerContexts>> Make(const Material& material);
  // From an encoded material.
  static Result<std::unique_ptr<ServerContexts>> FromText(std::string_view text);
  ~ServerContexts();

  // For an accepted, non-blocking socket, which stays the caller's and outlives the session.
  // `endpoint` is Listener::tls. Null when there is no memory.
  std::unique_ptr<Session> NewSession(int endpoint, int fd) const;

  // The context of a server name that a client asked for, or null.
  ssl_ctx_st* FindName(std::string_view asked) const;

  // `session`, of `endpoint`, was made for one server name, and carries a request for `host`, a
  // Host without its port, where other certificates are demanded of clients.
  bool IsMisdirected(const Session& session, int endpoint, std::string_view host) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, Free>;

  ServerContexts() = default;
  Result<Context> MakeOne(const Credentials& credentials, const Material& material);

  std::vector<Context> endpoints_;
  std::map<std::string, Context> names_;  // Lower case; "*.example.com" too.
  // What is demanded of clients, as a text to compare; only contexts that demand something.
  std::map<const ssl_ctx_st*, std::string> demands_;
  bool export_certificate_ = false;
};

// What to warn of if the certificate is not valid now or will not be soon; otherwise empty.
std::string ExpiryOf(const Credentials& credentials);

}  // namespace uwsgi::tls
