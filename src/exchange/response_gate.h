// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>

namespace uwsgi {

// Keeps apart those who use one response: the thread that makes it, whoever ends it from outside,
// and whoever sends what it holds. No one waits for longer than a few bytes take to be sent.
class ResponseGate {
 public:
  enum class Visit {
    kInside,  // Until EndVisit.
    kBusy,    // Its thread is just writing.
    kClosed,
  };

  // For the next response. Nobody else may use the gate.
  void Open() { state_.store(kOpen, std::memory_order_relaxed); }

  // The response's thread. False once the response was taken over, and in the thread that is inside
  // already: an exception has left the writer there.
  bool Enter();
  // False if the response was taken over meanwhile.
  bool Leave();

  // Any other thread, for the moment that sending takes. Never waits.
  Visit TryVisit();
  void EndVisit() { state_.store(kOpen, std::memory_order_release); }

  // Any other thread: takes the response over, once. True if its own thread is inside.
  bool Close();
  bool is_closed() const { return state_.load(std::memory_order_acquire) == kTakenOver; }

 private:
  enum State : int { kOpen, kWriting, kVisited, kTakenOver };

  std::atomic<int> state_{kOpen};
};

}  // namespace uwsgi
