// SPDX-License-Identifier: MIT

#include "worker/accept_restraint.h"

#include <algorithm>
#include <atomic>

namespace uwsgi {
namespace {

// A request that began longer ago may block, or go on for long. Its watchdog says so earlier; until
// then it rather waits for a processor, as others do, and one more running worker makes that worse.
constexpr std::int64_t kFresh = 20'000'000;
// For so long after a request was stuck others are expected to be, too.
constexpr std::int64_t kStuckFor = 250'000'000;
constexpr std::chrono::milliseconds kNoRest{0};
constexpr std::chrono::milliseconds kShortestRest{1};
// Each look of a resting worker takes processor time from those that run.
constexpr std::chrono::milliseconds kLongestRest{16};
// From one rest's begin to the next one's; a good deal more than the longest.
constexpr std::int64_t kRowEndsAfter = 40'000'000;

}  // namespace

AcceptRestraint::AcceptRestraint(Scoreboard& scoreboard, int slot, int processors)
    : scoreboard_(scoreboard), own_(scoreboard.process(slot)), processors_(processors) {}

std::chrono::milliseconds AcceptRestraint::NextRest(std::int64_t now) {
  if (now - rested_at_ > kRowEndsAfter) last_rest_ = kNoRest;
  rested_at_ = now;
  last_rest_ = ShouldRest(now) ? std::clamp(2 * last_rest_, kShortestRest, kLongestRest) : kNoRest;
  return last_rest_;
}

bool AcceptRestraint::ShouldRest(std::int64_t now) const {
  if (scoreboard_.workers() <= processors_) return false;
  int running = 0;
  for (int slot = 0; slot < scoreboard_.process_slots(); ++slot) {
    const ProcessSlot& process = scoreboard_.process(slot);
    if (process.state.load(std::memory_order_relaxed) != WorkerState::kReady) continue;
    const std::int64_t stuck_at = process.stuck_at_ns.load(std::memory_order_relaxed);
    if (stuck_at != 0 && now - stuck_at < kStuckFor) return false;
    const std::int64_t since = process.running_since_ns.load(std::memory_order_relaxed);
    if (&process != &own_ && since != 0 && now - since < kFresh) ++running;
  }
  return running >= processors_;
}

}  // namespace uwsgi
