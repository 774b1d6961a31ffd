// SPDX-License-Identifier: MIT

#include "exchange/response_gate.h"

#include <thread>

namespace uwsgi {

bool ResponseGate::Enter() {
  int expected = kOpen;
  while (!state_.compare_exchange_weak(expected, kWriting, std::memory_order_acquire)) {
    if (expected == kTakenOver || expected == kWriting) return false;
    if (expected == kVisited) std::this_thread::yield();  // It does not take long.
    expected = kOpen;
  }
  return true;
}

bool ResponseGate::Leave() {
  int expected = kWriting;
  return state_.compare_exchange_strong(expected, kOpen, std::memory_order_release);
}

ResponseGate::Visit ResponseGate::TryVisit() {
  int expected = kOpen;
  if (state_.compare_exchange_strong(expected, kVisited, std::memory_order_acquire)) {
    return Visit::kInside;
  }
  return expected == kTakenOver ? Visit::kClosed : Visit::kBusy;
}

bool ResponseGate::Close() {
  int before = kOpen;
  while (!state_.compare_exchange_weak(before, kTakenOver, std::memory_order_acq_rel)) {
    if (before != kVisited) continue;
    std::this_thread::yield();
    before = kOpen;
  }
  return before == kWriting;
}

}  // namespace uwsgi
