// SPDX-License-Identifier: MIT

#include "os/peer.h"

#include <sys/socket.h>

#include <cerrno>

namespace uwsgi::os {

bool PeerIsThere(int fd) {
  char byte = 0;
  const ssize_t got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

}  // namespace uwsgi::os
