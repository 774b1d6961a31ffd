// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <vector>

#include "ipc/scoreboard.h"
#include "master/chore.h"
#include "master/generation_set.h"
#include "uwsgi/listener.h"

namespace uwsgi {

// Warns that clients wait because the workers do not accept: once when a listen queue becomes half
// full, again when it becomes nine tenths full, and while that lasts every ten seconds. The line
// tells what the workers do instead.
class QueueWatch final : public Chore {
 public:
  // `generations` outlives the chore.
  explicit QueueWatch(const GenerationSet& generations) : generations_(generations) {}

  std::chrono::milliseconds interval() const override { return std::chrono::seconds(1); }
  void OnTick(Clock::time_point now) override;
  void OnServing(Generation& /*generation*/) override {}

 private:
  void Check(const std::vector<Listener>& listeners, Scoreboard& scoreboard, Clock::time_point now);

  const GenerationSet& generations_;
  int warned_tenths_ = 0;  // How full the fullest queue was at the last warning; 0: none is due.
  Clock::time_point warned_at_;
};

}  // namespace uwsgi
