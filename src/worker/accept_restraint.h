// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstdint>

#include "ipc/scoreboard.h"

namespace uwsgi {

// Keeps an idle worker from taking new connections while others run on every processor.
//
// More running workers than processors do not serve more: they take turns, and each finds the
// caches cold that the other has warmed. So a worker that wakes for a new connection looks at the
// scoreboard first, and rests for a moment if as many others as there are processors have begun a
// request just now: one of them takes the connection next. Where requests block or take long nobody
// rests. A worker that dies leaves nothing behind that others would wait for.
class AcceptRestraint {
 public:
  // `slot` is this worker's in `scoreboard`, which outlives this.
  AcceptRestraint(Scoreboard& scoreboard, int slot, int processors);

  // The loop's owner: a request begins; the worker waits for events. Nanoseconds of
  // CLOCK_MONOTONIC, as everywhere here.
  void NoteRunning(std::int64_t now) {
    own_.running_since_ns.store(now, std::memory_order_relaxed);
  }
  void NoteWaiting() { own_.running_since_ns.store(0, std::memory_order_relaxed); }
  // Any thread: a request of this worker blocks or takes long.
  void NoteStuck(std::int64_t now) { own_.stuck_at_ns.store(now, std::memory_order_relaxed); }

  // How long this worker should rest instead of taking a new connection, longer each time in a row;
  // 0: not at all.
  std::chrono::milliseconds NextRest(std::int64_t now);

 private:
  bool ShouldRest(std::int64_t now) const;

  Scoreboard& scoreboard_;
  ProcessSlot& own_;
  const int processors_;
  std::chrono::milliseconds last_rest_{0};
  std::int64_t rested_at_ = 0;
};

}  // namespace uwsgi
