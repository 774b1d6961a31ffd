// SPDX-License-Identifier: MIT
//
// One reading of the configuration and one import of the application: a zygote
// and its workers, seen by the master.
//
//   kLoading   the zygote imports, or the first workers are on their way
//   kReady     every worker accepts
//   kServing   it is the one that serves: what dies is replaced
//   kDraining  it finishes what it has
//   kStopping  it ends, whatever it has
//   kGone      no process of it is left
//
// Lives on the master's loop. Its events may arrive inside of any of its methods, so the
// owner does not destroy it from one.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/link_watcher.h"
#include "ipc/region.h"
#include "ipc/scoreboard.h"
#include "ipc/worker_context.h"
#include "master/generation_plan.h"
#include "os/clock_zone.h"
#include "os/event_loop.h"
#include "os/exit_status.h"
#include "supervise/supervisor.h"

namespace uwsgi {

class Generation {
 public:
  enum class State { kLoading, kReady, kServing, kDraining, kStopping, kGone };

  struct Events {
    std::function<void(Generation&)> ready;  // kLoading to kReady
    // Could not load; the exit status of the process that failed, 1 if a signal ended it. Called
    // while loading only. The generation goes on trying where that makes sense: a worker that
    // crashed is forked again.
    std::function<void(Generation&, int exit_status)> failed;
    // The zygote does not fork any more. Called again, later and later, while that lasts.
    std::function<void(Generation&)> hangs;
    // A signal for the master reached a process of this generation. Signals of one kind
    // that come together are one.
    std::function<void(int signum)> signalled;
    // The application has told clock_zone().
    std::function<void(Generation&)> told_clock_zone;
  };

  struct Spec {
    int number = 1;
    pid_t master_pid = 0;
    std::time_t started_on = 0;
    GenerationPlan plan;
    std::vector<Listener> listeners;  // Stay open as long as the generation.
    SharedRegions regions;            // Those of the plan.
    os::ClockZone clock_zone;         // That its processes start with.
    int output_fd = -1;  // Standard output and error of its processes; -1: the master's.
  };

  // Starts the zygote. `loop` outlives the generation.
  static Result<std::unique_ptr<Generation>> Start(os::EventLoop& loop, Spec spec, Events events);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  // kReady to kServing.
  void Serve();
  // To kDraining: the workers finish what they have, within worker-reload-mercy.
  void Drain();
  // To kStopping: every process goes now; none is left after about a second.
  void Stop();
  // Replaces every worker, serving all the time.
  void RecycleWorkers();
  void RecycleWorkersInTurn();

  // Reads what its processes have said. The owner does so before it tells of a child's end:
  // what a process said before it ended counts first.
  void ReadMessages();
  // A child was reaped. False when it is none of this generation's.
  bool OnChildExit(pid_t pid, const os::ExitStatus& status);
  // About once a second, more often while stopping.
  void OnTick();

  State state() const { return state_; }
  int number() const { return spec_.number; }
  // Some worker takes new requests.
  bool is_accepting() const;
  bool is_loaded() const { return zygote_state_ == ZygoteState::kServing; }
  const GenerationPlan& plan() const { return spec_.plan; }
  TouchFiles& touch() { return touch_; }
  const std::vector<Listener>& listeners() const { return spec_.listeners; }
  Scoreboard& scoreboard() { return *scoreboard_; }
  const Supervisor& workers() const { return *workers_; }
  std::chrono::milliseconds loading_time() const { return loading_time_; }
  // Where its application says that it is; until it does, that of its start.
  const os::ClockZone& clock_zone() const { return clock_zone_; }

 private:
  using Clock = std::chrono::steady_clock;
  enum class ZygoteState { kNone, kLoading, kServing, kQuitting };

  Generation(os::EventLoop& loop, Spec spec, Events events);

  Result<void> Open();
  Result<void> StartZygote();
  void OnZygoteMessage(const Message& message);
  // What the zygote and its workers say alike.
  void OnMessage(const Message& message);
  void OnStray(const Error& error);
  void OnZygoteLoaded(std::chrono::milliseconds took);
  void OnZygoteExit(const os::ExitStatus& status);
  void CheckZygote(Clock::time_point now);
  void QuitZygote();
  void RetryZygoteLater();
  void UpdateState();
  void AskWhereItLoads(Clock::time_point now);
  // `place` is empty when the zygote said none.
  void LogStillLoading(std::string_view place);

  os::EventLoop& loop_;  // Outlives the generation.
  const Spec spec_;
  const Events events_;
  State state_ = State::kLoading;
  TouchFiles touch_;
  std::set<int> signals_;       // That have come and were not reported yet.
  bool was_disturbed_ = false;  // By what is no message, and the log says so.
  std::unique_ptr<Scoreboard> scoreboard_;
  std::unique_ptr<Supervisor> workers_;
  struct ZygoteLink {
    explicit ZygoteLink(Link end) : link(std::move(end)) {}

    Link link;
    LinkWatcher watcher;
  };
  std::unique_ptr<ZygoteLink> zygote_;  // Null without a zygote.
  std::pair<UniqueFd, UniqueFd> handoff_;
  UniqueFd lifeline_read_;
  UniqueFd lifeline_write_;  // Held by the master alone: its end is the master's.
  ZygoteState zygote_state_ = ZygoteState::kNone;
  pid_t zygote_pid_ = 0;
  Clock::time_point zygote_started_{};
  bool was_loaded_ = false;
  bool has_said_why_ = false;  // It could not load, and has logged the reason.
  std::optional<Clock::time_point> kill_zygote_at_;
  std::optional<Clock::time_point> start_zygote_at_;
  std::chrono::seconds zygote_retry_{1};
  std::chrono::seconds ask_where_after_{0};  // While it loads.
  bool is_asked_where_ = false;
  std::chrono::seconds zygote_patience_;  // Before it is told of, doubled each time.
  std::chrono::milliseconds loading_time_{0};
  os::ClockZone clock_zone_ = spec_.clock_zone;
};

}  // namespace uwsgi
