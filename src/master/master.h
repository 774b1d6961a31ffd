// SPDX-License-Identifier: MIT
//
// The master process: owns the listeners, starts generations and ends them, and
// never runs the application's language. See docs/process-model.md.
//
//   signal    effect
//   SIGTERM   graceful stop within worker-reload-mercy; a second one stops fast
//             (with no-die-on-term: a reload that does not wait for the old workers)
//   SIGUSR2   graceful stop, in every mode: what --stop sends
//   SIGINT    fast stop; SIGQUIT likewise
//   SIGHUP    reload by generation. One that arrives while the applications of a reload are being
//             imported starts that import over, with a new reading of the configuration;
//             one that arrives later is remembered, once, until the reload is through
//   SIGUSR1   logs the statistics
//
// Signals that a process of a generation passes on, because they reached it or because the
// application asks for their effect, differ: a second stop is not a fast one, for the first may
// have been the same signal to a whole group; and a reload never starts an import over, for who
// asks for it with each request would keep the new code away.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ipc/region.h"
#include "log/log_pipe.h"
#include "master/chore_list.h"
#include "master/generation_plan.h"
#include "master/generation_set.h"
#include "master/listener_set.h"
#include "os/event_loop.h"
#include "os/pidfile.h"

namespace uwsgi {

class Master {
 public:
  struct Settings {
    ReadPlan read_plan;
    // Called once, when the first generation serves.
    std::function<void()> on_serving = [] {};
    // Called whenever a reload begins or is through: failed, or the only one that accepts.
    std::function<void(const os::ReloadProgress&)> on_reload = [](const os::ReloadProgress&) {};
    // Called once, when the server is told to stop or has to.
    std::function<void()> on_stopping = [] {};
    // What the caller wants done on the master's loop, besides the master's own chores.
    std::vector<std::unique_ptr<Chore>> chores;
    // Where the master writes the log for all processes; null: each writes it itself. Outlives it.
    LogFiles* log_files = nullptr;
  };

  // The caller has blocked the signals of the table above; Run unblocks them when their
  // watchers stand, so none is lost during the start, and blocks them again when it returns, so
  // none ends the process before its caller is through. `listeners` outlives the master.
  Master(Settings settings, ListenerSet& listeners, GenerationPlan plan);
  ~Master();
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;

  // Serves until a stop; returns the exit status of the server: that of the process that could
  // not load the application, if the first one could not. No process of any generation is left
  // then.
  int Run();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Stopping { kNo, kGracefully, kFast };
  enum class Sender { kOperator, kApplication };
  class Tending;

  Result<void> StartGeneration(const GenerationPlan& plan);
  void Reload(Sender sender);
  void TendReload();
  bool MayBeginReload() const;
  void BeginReload();
  void FailReload(const std::string& why);
  void EndReload(bool has_failed);
  void OnSignal(int signum, Sender sender);
  void OnChildExit();
  void OnReady(Generation& generation);
  void OnFailed(Generation& generation, int exit_status);
  void OnHang(Generation& generation);
  // The second request that counts makes the stop a fast one.
  void StopGracefully(bool counts);
  void StopFast();
  void OnTick();
  // A stop or a reload was begun, and is not through.
  bool is_awaited() const;
  void Sweep();
  void LogStatistics();
  const GenerationPlan& plan() const;

  Settings settings_;
  ListenerSet& listeners_;  // Outlives the master.
  const GenerationPlan first_plan_;
  const os::ClockZone clock_zone_ = os::TakeClockZone();  // Before any application told another.
  os::EventLoop loop_;
  std::unique_ptr<LogPipe> log_pipe_;  // With log_files.
  std::vector<std::unique_ptr<os::SignalWatcher>> signals_;
  RegionSet regions_;
  GenerationSet generations_;
  ChoreList chores_;
  Clock::time_point started_;
  int last_number_ = 0;
  os::ReloadProgress reloads_;
  // Since when a reload is wanted that has not begun.
  std::optional<Clock::time_point> reload_wanted_since_;
  bool may_start_over_ = false;         // The operator wants it, too.
  std::optional<GenerationPlan> next_;  // Was read, and waits for room.
  bool is_brutal_reload_ = false;       // The old workers are not waited for.
  bool stop_counts_ = false;            // A request for the stop was one that counts.
  Stopping stopping_ = Stopping::kNo;
  int exit_status_ = 0;
};

}  // namespace uwsgi
