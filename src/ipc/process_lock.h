// SPDX-License-Identifier: MIT
//
// A lock in shared memory that a process owns, whichever of its threads took it: the ground of
// uwsgi.lock(). It comes free when its owner ends, however that was; who waits finds out within a
// few hundredths of a second. A fork does not inherit it.
//
// Where nobody else has it, taking it and giving it back is one exchange each, without the kernel.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "os/process_identity.h"

namespace uwsgi {

enum class LockOutcome {
  kLocked,
  kRecovered,  // Locked; the process that had it is gone, and may have left things half done.
  kOwn,        // The calling thread has it already.
  kTimedOut,   // Another thread or process has it still.
};

// Zero memory is a lock that nobody has. Every method may be called by any thread of any process.
class alignas(64) ProcessLock {
 public:
  using Clock = std::chrono::steady_clock;

  // Does not wait, and does not ask whether the owner is alive.
  LockOutcome TryLock();
  // Waits until `deadline`, in the kernel.
  LockOutcome LockUntil(Clock::time_point deadline);
  // False when this process does not have it. Another thread of the same process may.
  bool Unlock();

  // The calling thread has it.
  bool IsOwn() const;
  // 0 when it is free; so is one whose owner is gone.
  os::ProcessIdentity Owner() const;

 private:
  bool TakeFrom(os::ProcessIdentity owner);
  void Wait(os::ProcessIdentity owner, std::chrono::nanoseconds time);

  std::atomic<os::ProcessIdentity> owner_;
  std::atomic<std::uint64_t> owner_thread_;  // 0, or the number of the owner's thread.
  std::atomic<std::uint32_t> is_contended_;  // Somebody may wait.
};

static_assert(std::atomic<os::ProcessIdentity>::is_always_lock_free);
static_assert(sizeof(ProcessLock) == 64);

}  // namespace uwsgi
