// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace uwsgi {

// Who owns a worker's event loop: at most one thread at a time. See docs/architecture.md.
//
// A request thread that owns it is the *lead*. It gives the loop away just before it calls
// the application and takes it back after; whoever holds the execution right may take it
// meanwhile. The watchdog takes it without the execution right, for one short turn at a time.
class LoopBaton {
 public:
  // For a request thread. Waits while the watchdog has its turn; false if another request
  // thread owns the loop. Success sees everything that earlier owners did.
  bool TryTake() {
    int expected = kFree;
    while (!owner_.compare_exchange_strong(expected, kTaken, std::memory_order_acquire)) {
      if (expected == kTaken) return false;
      const std::lock_guard<std::mutex> until_its_turn_ends(watchdog_turn_);
      expected = kFree;
    }
    return true;
  }
  // Sequentially consistent, as Watchdog::SleepUntilKicked explains.
  void Give() {
    turn_.store(turn_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    owner_.store(kFree, std::memory_order_seq_cst);
  }

  bool TryTakeAsWatchdog() {
    watchdog_turn_.lock();
    int expected = kFree;
    if (owner_.compare_exchange_strong(expected, kWatchdog, std::memory_order_acquire)) return true;
    watchdog_turn_.unlock();
    return false;
  }
  void GiveAsWatchdog() {
    owner_.store(kFree, std::memory_order_release);
    watchdog_turn_.unlock();
  }

  bool is_free() const { return owner_.load(std::memory_order_seq_cst) == kFree; }
  // Counts the request threads' Gives: unchanged and free means that the lead is still away.
  std::uint32_t turn() const { return turn_.load(std::memory_order_relaxed); }

 private:
  enum Owner : int { kFree, kTaken, kWatchdog };

  std::atomic<int> owner_{kFree};
  std::atomic<std::uint32_t> turn_{0};
  std::mutex watchdog_turn_;
};

}  // namespace uwsgi
