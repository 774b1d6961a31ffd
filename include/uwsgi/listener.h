// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "uwsgi/request.h"

namespace uwsgi {

enum class AddressFamily { kTcp4, kTcp6, kUnix, kAbstract };

// A bound, listening, non-blocking socket. The master opens it; workers inherit it.
struct Listener {
  int fd = -1;  // Owned by the process, for its whole life.
  Wire wire = Wire::kUwsgi;
  AddressFamily family = AddressFamily::kTcp4;
  std::string name;          // As the log shows it: "127.0.0.1:3031", "/run/site.sock".
  std::string host;          // Makes up SERVER_NAME where the peer sent none.
  std::string port;          // Makes up SERVER_PORT; "80" for unix sockets.
  int tls = -1;              // With TLS: its number among the configured ones.
  bool is_redirect = false;  // http-to-https
};

}  // namespace uwsgi
