// SPDX-License-Identifier: MIT

#pragma once

#include <functional>

#include "base/result.h"
#include "ipc/link.h"
#include "os/event_loop.h"

namespace uwsgi {

// Waits on an event loop for what is said at the other side of a link.
class LinkWatcher {
 public:
  // Calls `on_readable` when there is something to read, or the other side is gone; it may destroy
  // the watcher. The link and the loop outlive the watcher. The link is to be read by this alone.
  Result<void> Start(os::EventLoop& loop, const Link& link, std::function<void()> on_readable);

  // Hands over each message that is there now. What is none is skipped, and told to `on_stray`.
  // Once the other side is gone the watcher stops. These callbacks do not destroy it.
  void Read(const std::function<void(const Message&)>& on_message,
            const std::function<void(const Error&)>& on_stray);

 private:
  const Link* link_ = nullptr;
  std::function<void()> on_readable_;
  os::FdWatcher watcher_;
};

}  // namespace uwsgi
