// SPDX-License-Identifier: MIT
//
// Keeps the configured number of workers of one generation alive.
//
// Lives in the master and on its event loop. It forks nothing itself: the generation's zygote
// does, when asked through Events::fork, and answers with messages. A worker id has
// at most two processes: the one that serves, and its replacement or predecessor.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "ipc/message.h"
#include "ipc/scoreboard.h"
#include "master/worker_handle.h"
#include "os/event_loop.h"
#include "os/exit_status.h"

namespace uwsgi {

class WorkerPool {
 public:
  using Clock = WorkerHandle::Clock;

  struct Settings {
    std::chrono::seconds mercy{60};           // worker-reload-mercy
    std::chrono::seconds drain_mercy{60};     // The same when all drain: reload-mercy, if less.
    std::chrono::seconds max_lifetime{0};     // 0: none
    std::chrono::seconds forkbomb_delay{2};   // 0: crash loops are not slowed down
    std::chrono::seconds harakiri_grace{5};   // What a worker has for its own harakiri.
    std::chrono::seconds start_patience{20};  // One that takes longer to serve is told of.
  };

  struct Events {
    // `end` is that of the new process's link.
    std::function<void(int worker_id, int slot, UniqueFd end)> fork;
    // A worker has said something: ReadLinks is to be called, after the zygote's link was read,
    // which tells of the forks.
    std::function<void()> readable;
    // A worker says what concerns no pool.
    std::function<void(const Message&)> message;
    // A worker has sent what is no message of the server's.
    std::function<void(const Error&)> stray;
    // Every worker has been ready; called once.
    std::function<void()> ready;
    // A worker ended before it was ever ready; 22 when it could not load the application.
    std::function<void(int exit_status)> failed_to_start;
  };

  // Both outlive the pool; the scoreboard has the number of workers.
  WorkerPool(os::EventLoop& loop, const Settings& settings, Events events, Scoreboard& scoreboard);

  // What the zygote says of a worker.
  void OnForked(int worker_id, const ForkAnswer& answer);
  void OnForkFailed(int worker_id, const ForkAnswer& answer);
  // Takes what the workers have said.
  void ReadLinks();
  // A child was reaped. False when it is none of this pool's.
  bool OnExit(pid_t pid, const os::ExitStatus& status);
  // The zygote forks from now on: requests all workers that are missing. Returns before they serve.
  void OnZygoteLoaded();
  // The zygote is gone: what it was asked for does not come.
  void OnZygoteLost();

  // Replaces every worker, a few at a time, each when its replacement is ready.
  void RecycleAll();
  // The same, one by one in the order of their ids.
  void RecycleInTurn();
  // All workers finish what they have and go; who is left after the mercy is killed.
  void Drain();
  // All workers go now; who is left after a second is killed.
  void Stop();

  // To be called about once a second, more often while stopping: deadlines and throttles.
  void OnTick();

  // Since when the zygote could have forked what it was asked for, and has not said anything;
  // nothing when it was asked for nothing.
  std::optional<Clock::time_point> unanswered_since() const;
  bool is_empty() const;
  // In the scoreboard, of the processes that there are.
  std::vector<int> slots() const;

 private:
  // The processes of one worker id.
  struct Seat {
    int worker_id = 0;
    std::vector<WorkerHandle> handles;  // At most two, of different slots.
    bool wants_recycling = false;
    Clock::time_point asked_at{};  // By RecycleAll.
    bool was_spawned = false;
    bool was_ready = false;
    Clock::time_point last_respawn{};  // Of a crashed worker.
    Clock::time_point not_before{};    // The throttle of a crash loop.
  };

  enum class Phase { kServing, kDraining, kStopping };

  void Tend();
  // False when the master has no room for another link.
  bool Fork(Seat& seat);
  void OnMessage(int worker_id, int slot, const Message& message);
  void OnReady(WorkerHandle& handle);
  void OnRecycleRequest(WorkerHandle& handle, RecycleReason reason);
  void OnCrash(Seat& seat, const WorkerHandle& handle, const os::ExitStatus& status);
  // SIGHUP goes by the link where there is one.
  void Retire(WorkerHandle& handle, int signum, std::chrono::milliseconds mercy);
  void CheckDeadlines(WorkerHandle& handle, Clock::time_point now);
  void CheckHarakiri(WorkerHandle& handle);
  int CountRecycling() const;
  Seat& SeatOf(int worker_id);
  // Null when there is none; any number may be asked for.
  WorkerHandle* FindSlot(int worker_id, int slot);

  os::EventLoop& loop_;  // Outlives the pool.
  const Settings settings_;
  const Events events_;
  Scoreboard& scoreboard_;           // Outlives the pool.
  std::vector<Seat> seats_;          // Worker id - 1 is the index.
  bool can_fork_ = false;            // The zygote is there.
  Clock::time_point answered_at_{};  // When it last said what became of a fork.
  bool was_ready_ = false;
  bool in_turn_ = false;  // RecycleInTurn is not through.
  Phase phase_ = Phase::kServing;
  std::minstd_rand random_;
};

}  // namespace uwsgi
