// SPDX-License-Identifier: MIT

#include "master/worker_kind.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/log.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

using Clock = ProcessHandle::Clock;

// Lets the worker's own harakiri, which answers the client, go first.
constexpr std::chrono::seconds kHarakiriMargin{2};

bool HasReachedLifetime(const ProcessHandle& worker, Clock::time_point now,
                        std::chrono::seconds lifetime) {
  if (lifetime.count() == 0) return false;
  // Workers that started together must not end together.
  const std::chrono::duration<double> spread = worker.spread() * lifetime / 10;
  if (now - worker.ready_at() < lifetime + spread) return false;
  const auto ran = std::chrono::duration_cast<std::chrono::seconds>(now - worker.started_at());
  LogInfo("worker {} lifetime reached, it was running for {} second(s)", worker.seat(),
          ran.count());
  return true;
}

// A worker ends itself when a request exceeds its deadline, within `grace`. One that can not is to
// be ended from here.
bool OverstaysHarakiri(const ProcessHandle& worker, Scoreboard& scoreboard,
                       std::chrono::seconds grace) {
  const std::int64_t due_before =
      os::MonotonicNs() - std::chrono::nanoseconds(grace + kHarakiriMargin).count();
  const auto started_ns = std::chrono::nanoseconds(worker.started_at().time_since_epoch()).count();
  for (int core = 0; core < scoreboard.threads(); ++core) {
    const std::int64_t deadline = scoreboard.thread(worker.slot(), core).deadline_ns;
    // No request of a process was due before it was forked.
    if (deadline < started_ns || due_before < deadline) continue;
    LogError("*** HARAKIRI ON WORKER {} (pid: {}, try: 1) *** core {} does not end its request",
             worker.seat(), worker.pid(), core);
    ++scoreboard.counters(worker.seat()).harakiri_count;
    return true;
  }
  return false;
}

}  // namespace

ProcessKind WorkerKind(const GenerationPlan& plan, Scoreboard& scoreboard) {
  const MasterOptions& options = plan.master;
  const std::chrono::seconds mercy = plan.recycling.worker_reload_mercy;
  const bool has_limit = options.reload_mercy.count() > 0;
  ProcessKind kind;
  kind.name = kWorkerKind;
  kind.origin = Origin::kForkOfZygote;
  kind.replacement = Replacement::kReadyFirst;
  kind.restart = {.throttle = options.forkbomb_delay, .patience = 2 * plan.fork_patience};
  kind.stop.mercy = mercy;
  kind.stop.drain_mercy = has_limit ? std::min(mercy, options.reload_mercy) : mercy;
  kind.spawn_note = ", cores: " + std::to_string(scoreboard.threads());
  kind.is_due = [lifetime = plan.recycling.max_worker_lifetime](const ProcessHandle& worker,
                                                                Clock::time_point now) {
    return HasReachedLifetime(worker, now, lifetime);
  };
  kind.is_stuck = [&scoreboard,
                   grace = plan.harakiri_graceful_timeout](const ProcessHandle& worker) {
    return OverstaysHarakiri(worker, scoreboard, grace);
  };
  // It stands there as well, for the application may have taken the signal away.
  kind.on_told = [&scoreboard](const ProcessHandle& worker, int signum) {
    scoreboard.process(worker.slot()).told = signum;
  };
  kind.on_gone = [&scoreboard](const ProcessHandle& worker) {
    ResetProcess(scoreboard, worker.slot());
  };
  return kind;
}

}  // namespace uwsgi
