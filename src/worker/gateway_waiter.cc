// SPDX-License-Identifier: MIT

#include "worker/gateway_waiter.h"

#include <poll.h>

#include <cerrno>

namespace uwsgi {

IoStatus GatewayWaiter::Wait(int fd, Direction direction, std::chrono::milliseconds timeout) {
  pollfd polled{fd, static_cast<short>(direction == Direction::kWrite ? POLLOUT : POLLIN), 0};
  int ready = 0;
  do {
    ready = ::poll(&polled, 1, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR);
  return ready == 0 ? IoStatus::kTimeout : IoStatus::kOk;
}

}  // namespace uwsgi
