// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "ipc/link_watcher.h"
#include "os/event_loop.h"

namespace uwsgi {

// The master's record of one process that it keeps, from the request to start it until it is
// reaped, with the master's end of its link.
//
//   kRequested --OnStarted--> kStarting --OnReady--> kReady
//        |                        |                    |
//        +------------------------+------- Retire -----+--> kRetiring
class ProcessHandle {
 public:
  using Clock = std::chrono::steady_clock;

  enum class State {
    kRequested,  // There is no pid yet.
    kStarting,   // It runs, and does not do its work yet.
    kReady,
    kRetiring,  // Told to finish and go.
  };

  // `spread`: from 0 to 1, for what processes that start together must not do together.
  ProcessHandle(int seat, int slot, Link end, double spread, Clock::time_point now);

  int seat() const { return seat_; }  // From 1.
  int slot() const { return slot_; }  // Of the seat's two; tells it from its predecessor.
  State state() const { return state_; }
  pid_t pid() const { return pid_; }  // 0 in kRequested, and in kRetiring if it came from there.
  bool is_live() const { return state_ != State::kRetiring; }
  bool was_killed() const { return was_killed_; }
  double spread() const { return spread_; }
  Clock::time_point started_at() const { return started_at_; }  // Or asked for.
  Clock::time_point ready_at() const { return ready_at_; }
  Clock::time_point retiring_since() const { return retiring_since_; }

  // Calls back when it has said something. `loop` outlives the handle.
  Result<void> Watch(os::EventLoop& loop, std::function<void()> on_readable);
  LinkWatcher& watcher() { return end_->watcher; }
  // By the link. False if it does not get there.
  bool Tell(const Message& message) const { return end_->link.Send(message).ok(); }
  // Nothing without a pid.
  void Signal(int signum) const;
  void Kill();

  // False if it was told to go before it was there.
  bool OnStarted(pid_t pid, Clock::time_point now);
  // False if that is no news.
  bool OnReady(Clock::time_point now);
  // Once more: with another mercy.
  void Retire(Clock::time_point now, std::chrono::milliseconds mercy);

  // True once when its mercy is used up.
  bool TakeEndOfMercy(Clock::time_point now);
  // True once when it is not ready after so long.
  bool TakeLateness(Clock::time_point now, std::chrono::seconds patience);

 private:
  struct End {
    explicit End(Link own) : link(std::move(own)) {}

    Link link;
    LinkWatcher watcher;
  };

  int seat_;
  int slot_;
  std::unique_ptr<End> end_;
  double spread_;
  State state_ = State::kRequested;
  pid_t pid_ = 0;
  Clock::time_point started_at_;
  Clock::time_point ready_at_{};
  Clock::time_point retiring_since_{};
  std::optional<Clock::time_point> kill_at_;  // The end of mercy; nothing once it is used up.
  bool is_late_ = false;
  bool was_killed_ = false;
};

}  // namespace uwsgi
