// SPDX-License-Identifier: MIT

#include "ipc/link_watcher.h"

#include <utility>

namespace uwsgi {
namespace {

// More than a link holds: whatever was there at the beginning is read, and a process that sends
// without end does not keep its reader.
constexpr int kMostMessages = 1000;

bool IsOver(const Error& error) {
  return error.code == ErrorCode::kClosed || error.code == ErrorCode::kSystem;
}

}  // namespace

Result<void> LinkWatcher::Start(os::EventLoop& loop, const Link& link,
                                std::function<void()> on_readable) {
  link_ = &link;
  on_readable_ = std::move(on_readable);
  const bool is_watching = watcher_.Start(
      loop, link.fd(), os::FdWatcher::kReadable,
      [](void* self, int) {
        // A copy: what is called may end the process's record, and the watcher with it.
        const std::function<void()> call = static_cast<LinkWatcher*>(self)->on_readable_;
        call();
      },
      this);
  if (!is_watching) return Error{ErrorCode::kSystem, "cannot watch a link between processes"};
  return {};
}

void LinkWatcher::Read(const std::function<void(const Message&)>& on_message,
                       const std::function<void(const Error&)>& on_stray) {
  for (int left = kMostMessages; left > 0; --left) {
    const auto message = link_->TryReceive();
    if (message && !message->has_value()) return;
    if (message) {
      on_message(**message);
    } else if (IsOver(message.error())) {
      return watcher_.Close();
    } else {
      on_stray(message.error());
    }
  }
}

}  // namespace uwsgi
