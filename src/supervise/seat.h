// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <chrono>
#include <vector>

#include "supervise/process_handle.h"

namespace uwsgi {

// One of the places that a supervisor keeps filled: the process in it, while it is being replaced
// its predecessor or successor too, and what was seen in it so far.
class Seat {
 public:
  using Clock = ProcessHandle::Clock;

  explicit Seat(int number) : number_(number) {}

  int number() const { return number_; }  // From 1.
  std::vector<ProcessHandle>& processes() { return processes_; }
  const std::vector<ProcessHandle>& processes() const { return processes_; }

  // Nobody is in it who stays.
  bool is_vacant() const;
  // Predecessor and successor are there, and both stay for now.
  bool is_being_replaced() const;
  ProcessHandle* Find(int slot);
  // Of two, the one that no process has.
  int FreeSlot() const;

  // Otherwise nobody new comes in.
  bool is_wanted() const { return is_wanted_; }
  void SetWanted(bool is_wanted) { is_wanted_ = is_wanted; }

  // Who is in it has to be replaced. With a time: by one that has started after it, since the
  // reason may be younger than what a process has read.
  void WantReplacement() { wants_replacement_ = true; }
  void WantReplacement(Clock::time_point now);
  bool wants_replacement() const { return wants_replacement_; }

  // The first process of all has started: true once.
  bool TakeFirstStart();
  bool was_started() const { return was_started_; }
  void OnReady(const ProcessHandle& process);
  bool was_ready() const { return was_ready_; }
  // A process has ended that nobody had told to go. True if its successor has to wait: then it is
  // the second end within `throttle`, which is how long.
  bool OnUnaskedEnd(const ProcessHandle& process, Clock::time_point now,
                    std::chrono::seconds throttle);

  bool MayStart(Clock::time_point now) const { return now >= not_before_; }
  void WaitUntil(Clock::time_point when) { not_before_ = when; }

 private:
  int number_;
  std::vector<ProcessHandle> processes_;  // At most two, of different slots.
  bool is_wanted_ = true;
  bool wants_replacement_ = false;
  Clock::time_point asked_at_{};
  bool was_started_ = false;
  bool was_ready_ = false;
  Clock::time_point last_end_{};  // That nobody had asked for.
  Clock::time_point not_before_{};
};

}  // namespace uwsgi
