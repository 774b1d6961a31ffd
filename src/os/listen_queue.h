// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>

namespace uwsgi::os {

// The connections to a listening socket that nobody has accepted yet.
struct ListenQueue {
  std::uint32_t waiting = 0;
  std::uint32_t limit = 0;
};

// The queue of a TCP or unix socket, see tcp(7) and sock_diag(7). Nothing where the kernel does not
// tell.
std::optional<ListenQueue> ReadListenQueue(int fd);

}  // namespace uwsgi::os
