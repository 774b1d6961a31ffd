// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <vector>

#include "ipc/scoreboard.h"
#include "uwsgi/listener.h"

namespace uwsgi {

// Warns that clients wait because the workers do not accept: once when a listen queue becomes half
// full, again when it becomes nine tenths full, and while that lasts every ten seconds. The line
// tells what the workers do instead.
class QueueWatch {
 public:
  using Clock = std::chrono::steady_clock;

  // To be called about once a second.
  void Check(const std::vector<Listener>& listeners, Scoreboard& scoreboard, Clock::time_point now);

 private:
  int warned_tenths_ = 0;  // How full the fullest queue was at the last warning; 0: none is due.
  Clock::time_point warned_at_;
};

}  // namespace uwsgi
