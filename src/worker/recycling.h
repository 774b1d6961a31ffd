// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "ipc/message.h"
#include "ipc/recycling_options.h"
#include "os/system_info.h"

namespace uwsgi {

// Decides when a worker has done enough and should be replaced: max-requests, reload-on-rss,
// reload-on-as. The lifetime is the master's to watch.
class Recycling {
 public:
  // Lifetimes go on when somebody sets the wall clock.
  using Clock = std::chrono::steady_clock;

  // The request limit gets up to a tenth on top at random, so that workers that started
  // together do not end together.
  Recycling(const RecyclingOptions& options, int worker_id, Clock::time_point started);

  // Some limit is one of memory.
  bool limits_memory() const;
  // Why the worker should be replaced now, if it should. `memory` is what it uses now; it counts
  // where limits_memory() says so.
  std::optional<RecycleReason> Check(std::uint64_t requests, Clock::time_point now,
                                     const os::MemoryUsage& memory) const;

 private:
  const RecyclingOptions& options_;  // Outlives this.
  const Clock::time_point started_;
  std::uint64_t max_requests_ = 0;
};

}  // namespace uwsgi
