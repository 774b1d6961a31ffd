// SPDX-License-Identifier: MIT

#pragma once

#include <poll.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/unique_fd.h"
#include "dispatch/caretaker.h"
#include "dispatch/loop_baton.h"
#include "os/thread.h"
#include "os/thread_probe.h"

namespace uwsgi {

// Keeps a worker's loop alive while its lead is inside the application.
//
// A thread of its own that never takes the execution right, so that neither a blocked nor a
// spinning application stops it. It looks every few milliseconds while requests run, every
// millisecond where they have blocked lately or a response is held, and sleeps while the lead waits
// for events. When the loop has had no owner for a tick, it looks at the lead: one
// that waits, or that has computed for long, gets a standby; one that is merely short of processor
// time does not. When no request thread has come after another tick, it runs the loop itself, a
// turn at a time, and then takes new connections too, though idle workers have the first go.
class Watchdog {
 public:
  // `arm_standby` wakes a parked request thread, if there is one.
  Watchdog(LoopBaton& baton, Caretaker& caretaker, std::function<void()> arm_standby);
  ~Watchdog();

  Result<void> Start();
  void Stop();  // Returns when the thread has ended.

  // The lead tells when it waits for events.
  void SetLeadWaiting(bool waiting) { lead_waiting_.store(waiting, std::memory_order_relaxed); }
  // Thread `tid` is the lead. To be told before it gives the loop away, and Wake after that.
  void NoteLead(pid_t tid) { lead_.store(tid, std::memory_order_relaxed); }
  // The loop has no owner, or a response is held: be awake. Any thread; costs next to nothing
  // unless it sleeps.
  void Wake() {
    if (asleep_.load(std::memory_order_seq_cst)) Kick();
  }
  // Milliseconds for which the watchdog was awake: a coarse clock that costs nothing to read.
  std::uint32_t clock_ms() const { return clock_ms_.load(std::memory_order_relaxed); }

 private:
  void Main();
  // The lead is away: how much processor time it has used so far.
  void NoteLeadsCpu();
  // The lead is away since the last tick at least: true if it should have a standby.
  bool NeedsStandby(std::uint32_t turn, bool first_look);
  // Until a request thread takes the loop, which ends this turn. `asked`: a standby was armed.
  void TakeCare(std::uint32_t turn, bool asked);
  void NotePassed(int milliseconds);
  void SleepUntilKicked();
  // Waits for a kick.
  void Wait(int timeout_ms);
  // The loop's owner: what WaitForCare waits for. `listens`: for new connections, too.
  void PrepareWait(bool listens);
  // Waits for a kick and for what was prepared.
  void WaitForCare(int timeout_ms);
  void TakeKick();
  void Kick();

  LoopBaton& baton_;  // These two outlive the watchdog.
  Caretaker& caretaker_;
  const std::function<void()> arm_standby_;
  UniqueFd kick_;
  os::Thread thread_;
  // The watchdog's own: the lead of the turn that it looks at.
  os::ThreadProbe probe_;
  std::int64_t cpu_when_seen_ = 0;
  int alert_ms_ = 0;            // For so long it looks more often.
  std::vector<pollfd> polled_;  // The kick, the loop, and where new connections wait.

  std::atomic<pid_t> lead_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> lead_waiting_{false};
  std::atomic<bool> asleep_{false};
  std::atomic<std::uint32_t> clock_ms_{0};
};

}  // namespace uwsgi
