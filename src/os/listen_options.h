// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantities.h"
#include "base/result.h"
#include "options/rows.h"
#include "uwsgi/listener.h"

namespace uwsgi {

// "uwsgi" or "http"
Result<Wire> ParseWire(std::string_view text);
std::string ShowValue(Wire wire);

// The sockets without TLS, and what all sockets have in common.
struct ListenOptions {
  std::vector<std::string> sockets;        // socket: the uwsgi protocol, or `protocol`
  std::vector<std::string> uwsgi_sockets;  // uwsgi-socket
  std::vector<std::string> http;           // http, http-socket, http11-socket
  std::vector<std::string> http_to_https;  // These answer with a redirection.
  Wire protocol = Wire::kUwsgi;            // What `sockets` speak.
  int backlog = 0;                         // listen; 0: 4096, clamped to somaxconn
  std::optional<FileMode> chmod;           // chmod-socket
  std::string chown;                       // chown-socket = user[:group]
  bool reuse_port = false;
  bool no_defer_accept = false;
  bool keep_alive = false;  // so-keepalive
};

namespace config {
OptionRows SocketRows();
OptionRows RedirectRows();
OptionRows ListenRows();
}  // namespace config

}  // namespace uwsgi
