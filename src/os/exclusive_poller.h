// SPDX-License-Identifier: MIT
//
// The wait of a worker: for new connections, and for whatever its event loop waits for.
//
// All workers share the listeners, and a connection should wake one of them. The kernel does
// that (EPOLLEXCLUSIVE) only for those who wait on the listener's own epoll set: neither libuv's
// set nor one nested in it will do. So the worker waits here, on the listeners and on
// EventLoop::backend_fd(), and runs the loop when that is ready.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi::os {

// Used by one thread at a time. The descriptors stay the caller's and must be open as long as
// the poller is used.
class ExclusivePoller {
 public:
  struct Ready {
    int tag = 0;
  };

  static Result<ExclusivePoller> Create();

  // Always waited for; `tag` is what Wait reports.
  Result<void> Add(int fd, int tag);
  // Waited for while listening, in competition with other processes: somebody else may have
  // taken the connection when it is reported.
  Result<void> AddListener(int fd, int tag);

  // Whether Wait looks at the listeners; on at first. Free of cost: the kernel learns of it in the
  // next Wait, if it has changed since the last one. A worker that waits with this off never
  // takes the wake-up that an idle one should get.
  void SetListening(bool listening) { wanted_ = listening; }
  bool is_listening() const { return wanted_; }

  // Waits up to `timeout_ms` (-1: for ever, 0: not at all) and writes what is ready. Returns how
  // many; 0 after the timeout or a signal.
  int Wait(int timeout_ms, std::span<Ready> out);
  // True once Wait has found that somebody has closed its descriptor behind its back.
  bool is_broken() const { return broken_; }

 private:
  struct Source {
    int fd = -1;
    int tag = 0;
  };

  explicit ExclusivePoller(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  void Apply();

  UniqueFd epoll_;
  std::vector<Source> listeners_;
  bool wanted_ = true;   // What SetListening said last.
  bool applied_ = true;  // What the kernel knows.
  bool broken_ = false;
};

}  // namespace uwsgi::os
