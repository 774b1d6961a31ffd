// SPDX-License-Identifier: MIT

#include "supervise/seat.h"

#include <algorithm>
#include <utility>

namespace uwsgi {

bool Seat::is_vacant() const { return std::ranges::none_of(processes_, &ProcessHandle::is_live); }

bool Seat::is_being_replaced() const {
  return processes_.size() == 2 && std::ranges::all_of(processes_, &ProcessHandle::is_live);
}

ProcessHandle* Seat::Find(int slot) {
  const auto found = std::ranges::find(processes_, slot, &ProcessHandle::slot);
  return found == processes_.end() ? nullptr : &*found;
}

int Seat::FreeSlot() const {
  const int first = (number_ - 1) * 2;
  const bool is_taken = std::ranges::count(processes_, first, &ProcessHandle::slot) > 0;
  return is_taken ? first + 1 : first;
}

void Seat::WantReplacement(Clock::time_point now) {
  wants_replacement_ = true;
  asked_at_ = now;
}

bool Seat::TakeFirstStart() { return !std::exchange(was_started_, true); }

void Seat::OnReady(const ProcessHandle& process) {
  was_ready_ = true;
  wants_replacement_ = process.started_at() < asked_at_;
}

bool Seat::OnUnaskedEnd(const ProcessHandle& process, Clock::time_point now,
                        std::chrono::seconds throttle) {
  if (process.state() == ProcessHandle::State::kReady) wants_replacement_ = false;
  const bool has_to_wait = throttle.count() > 0 && now - last_end_ < throttle;
  if (has_to_wait) not_before_ = now + throttle;
  // As if the end had come when the wait is over.
  last_end_ = std::max(now, not_before_);
  return has_to_wait;
}

}  // namespace uwsgi
