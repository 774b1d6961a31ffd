// SPDX-License-Identifier: MIT

#include "ipc/process_lock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <ctime>

namespace uwsgi {
namespace {

// How long to sleep before the owner is looked at: it may have died without a word.
constexpr std::chrono::milliseconds kFirstLook{2};
constexpr std::chrono::milliseconds kLongestLook{50};

// Tells this thread from every other one of this machine, also those of processes that were before.
std::uint64_t ThisThread() {
  static std::atomic<std::uint32_t> last{0};
  thread_local const std::uint64_t number = ++last;
  return number << 32 | static_cast<std::uint32_t>(os::PidOf(os::ThisProcess()));
}

// The kernel waits for 32 bits: those of the owner's pid.
std::uint32_t* PidWord(std::atomic<os::ProcessIdentity>& owner) {
  constexpr std::size_t kLowHalf = std::endian::native == std::endian::little ? 0 : 1;
  return reinterpret_cast<std::uint32_t*>(&owner) + kLowHalf;
}

}  // namespace

bool ProcessLock::TakeFrom(os::ProcessIdentity owner) {
  if (!owner_.compare_exchange_strong(owner, os::ThisProcess())) return false;
  owner_thread_.store(ThisThread());
  return true;
}

LockOutcome ProcessLock::TryLock() {
  if (TakeFrom(0)) return LockOutcome::kLocked;
  return IsOwn() ? LockOutcome::kOwn : LockOutcome::kTimedOut;
}

bool ProcessLock::IsOwn() const {
  return owner_.load() == os::ThisProcess() && owner_thread_.load() == ThisThread();
}

LockOutcome ProcessLock::LockUntil(Clock::time_point deadline) {
  std::chrono::nanoseconds look_after = kFirstLook;
  while (true) {
    const os::ProcessIdentity owner = owner_.load();
    if (const LockOutcome outcome = TryLock(); outcome != LockOutcome::kTimedOut) {
      // Others may wait still: whom this one's unlocking has to wake.
      if (outcome == LockOutcome::kLocked) is_contended_.store(1);
      return outcome;
    }
    const auto now = Clock::now();
    if (now >= deadline) return LockOutcome::kTimedOut;
    Wait(owner, std::min<std::chrono::nanoseconds>(look_after, deadline - now));
    const bool has_slept = Clock::now() - now >= look_after;
    if (!has_slept || owner != owner_.load()) continue;
    look_after = std::min<std::chrono::nanoseconds>(look_after * 2, kLongestLook);
    if (owner == 0 || os::IsAlive(owner) || !TakeFrom(owner)) continue;
    is_contended_.store(1);
    return LockOutcome::kRecovered;
  }
}

void ProcessLock::Wait(os::ProcessIdentity owner, std::chrono::nanoseconds time) {
  if (owner == 0) return;
  is_contended_.store(1);
  timespec patience{};
  patience.tv_nsec = static_cast<long>(time.count() % 1'000'000'000);
  patience.tv_sec = static_cast<time_t>(time.count() / 1'000'000'000);
  // Returns at once when the owner is another by now. A wake-up that gets lost, because who was
  // woken died, costs others no more than their patience.
  (void)::syscall(SYS_futex, PidWord(owner_), FUTEX_WAIT, static_cast<std::uint32_t>(owner),
                  &patience, nullptr, 0);
}

bool ProcessLock::Unlock() {
  os::ProcessIdentity owner = os::ThisProcess();
  if (owner_.load() != owner) return false;
  owner_thread_.store(0);
  if (!owner_.compare_exchange_strong(owner, 0)) return false;
  if (is_contended_.exchange(0) != 0) {
    (void)::syscall(SYS_futex, PidWord(owner_), FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }
  return true;
}

os::ProcessIdentity ProcessLock::Owner() const {
  const os::ProcessIdentity owner = owner_.load();
  return owner != 0 && os::IsAlive(owner) ? owner : 0;
}

}  // namespace uwsgi
