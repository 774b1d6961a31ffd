// SPDX-License-Identifier: MIT
//
// Keeps a number of seats filled with processes of one kind.
//
// Lives in the master and on its event loop. It starts nothing itself: its owner does, when asked
// through Events::start, and answers by OnStarted or OnStartFailed. For a fork of the zygote that
// is a message there and one back.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "base/result.h"
#include "ipc/message.h"
#include "os/event_loop.h"
#include "os/exit_status.h"
#include "supervise/process_kind.h"
#include "supervise/seat.h"

namespace uwsgi {

class Supervisor {
 public:
  using Clock = ProcessHandle::Clock;

  struct Events {
    // Start one, whose end of its link is `end`. `slot` tells it from others of the kind.
    std::function<void(int seat, int slot, UniqueFd end)> start;
    // A process has said something: ReadLinks is to be called, after what tells of starts was
    // taken.
    std::function<void()> readable;
    // A process says what is not about itself.
    std::function<void(const Message&)> message;
    // A process has sent what is no message of the server's.
    std::function<void(const Error&)> stray;
    // Every seat has had a process that was ready; called once.
    std::function<void()> ready;
    // A process ended before it was ever ready; 22 when it could not load the application.
    std::function<void(int exit_status)> failed_to_start;
  };

  // `loop` outlives the supervisor. No seat is wanted yet.
  Supervisor(os::EventLoop& loop, ProcessKind kind, Events events);

  // How many seats are to be filled. Of more the rest is started; of fewer the last ones finish
  // what they have and go. Returns before they do.
  void Want(int count);

  // What processes are started from is there from now on: all that are missing are asked for.
  void OnOriginReady();
  // It is gone: what it was asked for does not come.
  void OnOriginLost();

  // What became of a request. Any number may stand in there.
  void OnStarted(int seat, int slot, pid_t pid);
  void OnStartFailed(int seat, int slot);
  // Takes what the processes have said.
  void ReadLinks();
  // A child was reaped. False when it is none of this supervisor's.
  bool OnExit(pid_t pid, const os::ExitStatus& status);

  // Replaces every process, a few at a time.
  void RecycleAll();
  // Replaces every process, one by one in the order of the seats.
  void RecycleInTurn();
  // All finish what they have and go; who is left after the mercy is killed.
  void Drain();
  // All go now; who is left after the mercy of a fast stop is killed.
  void Stop();

  // To be called about once a second, more often while stopping: deadlines and throttles.
  void OnTick();

  // Since when a process could have been started that was asked for, and nothing was said of it;
  // nothing when none was asked for.
  std::optional<Clock::time_point> unanswered_since() const;
  bool is_empty() const;
  // Of the processes that there are.
  std::vector<int> slots() const;

 private:
  enum class Phase { kServing, kDraining, kStopping };
  enum class Haste { kGraceful, kFast };

  void Tend();
  // Fills the seat, or begins to replace who is in it, if that is due.
  void TendSeat(Seat& seat, int& replacing, int limit);
  void Start(Seat& seat);
  void OnMessage(int seat, int slot, const Message& message);
  void OnReady(ProcessHandle& process);
  void OnRecycleRequest(ProcessHandle& process, RecycleReason reason);
  void OnUnaskedEnd(Seat& seat, const ProcessHandle& process, const os::ExitStatus& status);
  void LogUnaskedEnd(const Seat& seat, const ProcessHandle& process,
                     const os::ExitStatus& status) const;
  void Retire(ProcessHandle& process, Haste haste, std::chrono::milliseconds mercy);
  void CheckDeadlines(Seat& seat, ProcessHandle& process, Clock::time_point now);
  void TellIfAllAreReady();
  int CountWanted() const;
  int CountReplacing() const;
  int CountAsked() const;
  // Null when there is none; any number may be asked for.
  ProcessHandle* Find(int seat, int slot);
  Seat& SeatOf(const ProcessHandle& process);

  os::EventLoop& loop_;  // Outlives the supervisor.
  const ProcessKind kind_;
  const Events events_;
  std::vector<Seat> seats_;  // The number - 1 is the index.
  bool can_start_;
  bool could_not_start_ = false;     // In this round of Tend.
  int asked_ = 0;                    // For so many there is no answer yet.
  bool waits_for_answers_ = false;   // Some seats are filled once there are fewer.
  Clock::time_point answered_at_{};  // When it was last said what became of a request.
  bool was_ready_ = false;
  bool in_turn_ = false;  // RecycleInTurn is not through.
  Phase phase_ = Phase::kServing;
  std::minstd_rand random_;
};

}  // namespace uwsgi
