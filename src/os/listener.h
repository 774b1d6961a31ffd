// SPDX-License-Identifier: MIT
//
// Opens the sockets that clients connect to.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "os/created_file.h"
#include "os/listen_options.h"
#include "uwsgi/listener.h"

namespace uwsgi::os {

// A listening socket and its owner. Release `fd` into the process when it serves for good.
struct BoundListener {
  UniqueFd fd;
  Listener listener;  // `listener.fd` is `fd`.
  bool port_auto_assigned = false;
  int inherited_as = -1;            // Came with the process, under this number; -1: bound by us.
  std::optional<CreatedFile> file;  // The path of a unix socket that we bound.

  // The banner's line: "uwsgi socket 0 bound to TCP address 127.0.0.1:3031 fd 3", "uWSGI http bound
  // on http://127.0.0.1:8000/ fd 4". Of a unix socket, who may connect to it, too.
  std::string Describe(int index) const;
};

// Opens a listening socket: non-blocking, close-on-exec, with the options of the configuration.
//
// A unix socket appears at its path only when it already listens and has its mode and
// owner; it takes the place of a dead server's socket, but never of a living one's (kBusy) or of
// another kind of file (kInvalid). `fd://N` adopts a listening descriptor, which must be nobody's.
Result<BoundListener> OpenListener(const std::string& address, Wire wire,
                                   const ListenOptions& options);

// The listening sockets that the process was started with: standard input, if it is one
// (/dev/null takes its place), and systemd's LISTEN_FDS. Those variables are removed from the
// environment. What they speak is for the caller to say. To be called once, before anything forks.
std::vector<BoundListener> InheritedListeners();

// The listen(2) backlog for `listen = configured`; 0 is 4096. Never more than net.core.somaxconn.
int EffectiveBacklog(int configured);

}  // namespace uwsgi::os
