// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>

#include "base/io_outcome.h"

namespace uwsgi {

// What to wait for at a descriptor.
enum class Direction { kRead, kWrite };

// How a thread that runs the application waits, for a peer or for long work of the server's own,
// without keeping others from running the application. Whoever decides which thread runs what
// provides it.
class Waiter {
 public:
  virtual ~Waiter() = default;

  // Between StepAside and StepBack others may run the application, and the caller touches nothing
  // that is the application's. StepBack may take as long as they keep it. On the thread of a
  // request that runs, in turn.
  virtual void StepAside() = 0;
  virtual void StepBack() = 0;

  // Waits until `fd` can be read (or written), or for `timeout`. kOk also when the connection
  // broke: the next call on it says how. Only between StepAside and StepBack.
  virtual IoStatus Wait(int fd, Direction direction, std::chrono::milliseconds timeout) = 0;
};

// StepAside for as long as it lives.
class Aside {
 public:
  explicit Aside(Waiter& waiter) : waiter_(waiter) { waiter_.StepAside(); }
  ~Aside() { waiter_.StepBack(); }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

 private:
  Waiter& waiter_;
};

// One Waiter::Wait, aside.
inline IoStatus WaitAside(Waiter& waiter, int fd, Direction direction,
                          std::chrono::milliseconds timeout) {
  const Aside aside(waiter);
  return waiter.Wait(fd, direction, timeout);
}

}  // namespace uwsgi
