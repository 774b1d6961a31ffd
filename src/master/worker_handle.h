// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "ipc/link_watcher.h"

namespace uwsgi {

// The master's end of a worker's link, on its loop.
struct WorkerLink {
  explicit WorkerLink(Link end) : link(std::move(end)) {}

  Link link;
  LinkWatcher watcher;
};

// The master's record of one worker process, from the request to fork it until it is reaped.
struct WorkerHandle {
  using Clock = std::chrono::steady_clock;

  enum class State {
    kRequested,  // The zygote was asked; there is no pid yet.
    kStarting,   // Forked, not serving yet.
    kReady,      // Accepting.
    kRetiring,   // Told to finish and go.
  };

  int worker_id = 0;
  int slot = 0;  // In the scoreboard.
  std::unique_ptr<WorkerLink> link;
  State state = State::kRequested;
  pid_t pid = 0;
  Clock::time_point forked_at{};
  Clock::time_point retiring_since{};
  std::optional<Clock::time_point> recycle_at;  // max-worker-lifetime
  std::optional<Clock::time_point> kill_at;     // The end of mercy; nothing once it is used up.
  bool is_late = false;                         // To serve, and the log says so.
  bool is_killed = false;                       // By harakiri's backstop or without mercy.

  bool is_live() const { return state != State::kRetiring; }
};

}  // namespace uwsgi
