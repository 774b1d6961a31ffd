// SPDX-License-Identifier: MIT

#include "master/master.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/log.h"
#include "ipc/exit_code.h"
#include "ipc/signals.h"
#include "master/queue_watch.h"
#include "master/touch_chore.h"
#include "os/clock_zone.h"
#include "os/exit_status.h"
#include "os/process.h"

namespace uwsgi {
namespace {

constexpr std::chrono::milliseconds kTick{1000};
// While somebody may be waiting for the end of a stop or a reload.
constexpr std::chrono::milliseconds kAwaitedTick{100};

std::chrono::milliseconds Since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

}  // namespace

// The first of the chores: what becomes of the generations as time passes.
class Master::Tending final : public Chore {
 public:
  explicit Tending(Master& master) : master_(master) {}

  std::chrono::milliseconds interval() const override {
    return master_.is_awaited() ? kAwaitedTick : kTick;
  }
  void OnTick(Clock::time_point /*now*/) override { master_.OnTick(); }
  void OnServing(Generation& /*generation*/) override {}

 private:
  Master& master_;
};

Master::Master(Settings settings, ListenerSet& listeners, GenerationPlan plan)
    : settings_(std::move(settings)),
      listeners_(listeners),
      first_plan_(std::move(plan)),
      chores_(loop_),
      started_(Clock::now()) {
  chores_.Add(std::make_unique<Tending>(*this));
  chores_.Add(std::make_unique<QueueWatch>(generations_));
  chores_.Add(std::make_unique<TouchChore>(generations_, [this] { Reload(Sender::kOperator); }));
  for (std::unique_ptr<Chore>& chore : settings_.chores) chores_.Add(std::move(chore));
}

Master::~Master() = default;

int Master::Run() {
  LogInfo("spawned uWSGI master process (pid: {})", ::getpid());
  if (auto done = os::BecomeSubreaper(); !done) {
    LogError("{}", done.error().message);
    return ToInt(ExitCode::kFailed);
  }
  if (settings_.log_files != nullptr) {
    auto pipe = LogPipe::Open(loop_, *settings_.log_files);
    if (!pipe) {
      LogError("{}", pipe.error().message);
      return ToInt(ExitCode::kFailed);
    }
    log_pipe_ = *std::move(pipe);
  }
  for (const int signum : kServerSignals) {
    signals_.push_back(std::make_unique<os::SignalWatcher>(
        loop_, signum, [this, signum] { OnSignal(signum, Sender::kOperator); }));
  }
  signals_.push_back(
      std::make_unique<os::SignalWatcher>(loop_, SIGCHLD, [this] { OnChildExit(); }));
  // Once Run is over the watchers go, and a signal would have its default effect.
  const ServerSignalsUnblocked unblocked;
  if (auto started = StartGeneration(first_plan_); !started) {
    LogError("cannot start: {}", started.error().message);
    return ToInt(ExitCode::kFailed);
  }
  loop_.Run();
  if (exit_status_ == 0) LogInfo("goodbye to uWSGI.");
  return exit_status_;
}

Result<void> Master::StartGeneration(const GenerationPlan& plan) {
  auto listeners = listeners_.OpenFor(plan.listen, plan.tls);
  if (!listeners) return listeners.error();
  auto regions = regions_.OpenFor(plan.regions);
  if (!regions) return regions.error();
  Generation::Spec spec;
  spec.number = ++last_number_;
  spec.master_pid = ::getpid();
  spec.started_on = std::time(nullptr);
  spec.plan = plan;
  // Without chdir it stays where the master is, whose user may not be able to go there again;
  // unless that went elsewhere when it was started.
  if (plan.working_directory.empty() && !first_plan_.working_directory.empty()) {
    spec.plan.working_directory = plan.start_directory;
  }
  spec.listeners = *std::move(listeners);
  spec.regions = *std::move(regions);
  spec.clock_zone = clock_zone_;
  if (log_pipe_) spec.output_fd = log_pipe_->write_end();
  // A generation outlives its events.
  Generation::Events events;
  events.ready = [this](Generation& generation) { OnReady(generation); };
  events.failed = [this](Generation& generation, int status) { OnFailed(generation, status); };
  events.hangs = [this](Generation& generation) { OnHang(generation); };
  events.signalled = [this](int signum) { OnSignal(signum, Sender::kApplication); };
  events.told_clock_zone = [](Generation& generation) {
    os::SetClockZone(generation.clock_zone());
  };
  return generations_.Start(loop_, std::move(spec), std::move(events));
}

void Master::OnSignal(int signum, Sender sender) {
  switch (signum) {
    case SIGTERM:
      if (plan().master.die_on_term) return StopGracefully(sender == Sender::kOperator);
      LogInfo("...brutally killing workers...");
      is_brutal_reload_ = true;
      return Reload(sender);
    case kStopSignal:
      // Whoever says --stop twice means one stop: only SIGTERM hurries.
      return StopGracefully(false);
    case SIGINT:
    case SIGQUIT:
      return StopFast();
    case SIGHUP:
      // Reloads that the application asks for: one is as good as a thousand.
      if (sender == Sender::kOperator || !reload_wanted_since_) {
        LogInfo("SIGHUP received: reloading");
      }
      return Reload(sender);
    case SIGUSR1:
      return LogStatistics();
    default:
      return;
  }
}

void Master::Reload(Sender sender) {
  if (stopping_ != Stopping::kNo) return;
  if (plan().master.exit_on_reload) {
    LogInfo("uWSGI: GAME OVER (insert coin)");
    return StopGracefully(sender == Sender::kOperator);
  }
  if (!reload_wanted_since_) reload_wanted_since_ = Clock::now();
  may_start_over_ = may_start_over_ || sender == Sender::kOperator;
  TendReload();
}

// Goes on with what is wanted as far as it can go now. To be called whenever that may have changed.
void Master::TendReload() {
  if (stopping_ != Stopping::kNo) return;
  if (reload_wanted_since_ && MayBeginReload()) BeginReload();
  if (!next_ || !generations_.has_room()) return;
  const GenerationPlan plan = *std::exchange(next_, std::nullopt);
  if (auto started = StartGeneration(plan); !started) FailReload(started.error().message);
}

bool Master::MayBeginReload() const {
  // Read already; if that was too early, it is read again once there is room.
  if (next_ && !generations_.has_room()) return false;
  const Generation* const loading = generations_.loading();
  if (loading == nullptr || (may_start_over_ && !loading->is_loaded())) return true;
  // What is loaded may serve requests, so it is not given up for something newer, unless it has had
  // its time.
  return Clock::now() - *reload_wanted_since_ >= plan().recycling.worker_reload_mercy;
}

void Master::BeginReload() {
  reload_wanted_since_.reset();
  may_start_over_ = false;
  ++reloads_.begun;
  settings_.on_reload(reloads_);
  // What was touched until now is done by this.
  for (const auto& generation : generations_) (void)generation->touch().reload.Check();
  auto plan = settings_.read_plan();
  if (!plan) return FailReload(plan.error().message);
  next_ = *std::move(plan);
  generations_.GiveUpLoading();
}

void Master::FailReload(const std::string& why) {
  is_brutal_reload_ = false;
  EndReload(true);
  const Generation* const serving = generations_.serving();
  const bool goes_on = generations_.loading() != nullptr || next_ || reload_wanted_since_;
  if (serving != nullptr) {
    os::SetClockZone(serving->clock_zone());
    LogError("reload failed: {}; generation {} serves on", why, serving->number());
    if (!goes_on) listeners_.Retain(serving->listeners(), serving->plan().master.vacuum);
    return;
  }
  LogError("reload failed: {}", why);
  if (goes_on) return;
  // The first generation was given up for this one.
  exit_status_ = ToInt(ExitCode::kFailed);
  StopFast();
}

void Master::EndReload(bool has_failed) {
  if (reloads_.through == reloads_.begun) return;
  reloads_.through = reloads_.begun;
  reloads_.has_failed = has_failed;
  settings_.on_reload(reloads_);
}

void Master::OnReady(Generation& generation) {
  if (&generation != generations_.loading()) return;
  Generation* const old = generations_.Promote();
  chores_.OnServing(generation);
  listeners_.Retain(generation.listeners(), plan().master.vacuum);
  if (old == nullptr) {
    LogInfo("ready in {} ms (application loaded in {} ms)", Since(started_).count(),
            generation.loading_time().count());
    settings_.on_serving();
  } else {
    if (std::exchange(is_brutal_reload_, false)) {
      old->Stop();
    } else {
      LogInfo("...gracefully killing workers...");
      generations_.Drain(*old);
    }
    // Tools take this line for the moment from which only the new application answers.
    LogInfo("gracefully (RE)spawned uWSGI master process (pid: {})", ::getpid());
  }
  TendReload();
}

void Master::OnFailed(Generation& generation, int exit_status) {
  if (&generation != generations_.loading()) return;
  const bool is_load_failure = exit_status == ToInt(ExitCode::kAppLoadFailed);
  if (generations_.serving() != nullptr) {
    generations_.GiveUpLoading();
    FailReload(is_load_failure ? "the application could not be loaded"
                               : "its processes ended while they started");
    return TendReload();
  }
  if (reload_wanted_since_) {
    generations_.GiveUpLoading();
    return TendReload();
  }
  // A worker that crashes at the first start is forked again, as at any other time.
  if (generation.is_loaded() && !is_load_failure) return;
  exit_status_ = exit_status == 0 ? ToInt(ExitCode::kFailed) : exit_status;
  StopFast();
}

// Another generation takes its place, of the same configuration: nobody has asked for a new one.
void Master::OnHang(Generation& generation) {
  if (stopping_ != Stopping::kNo || next_ || reload_wanted_since_) return;
  if (&generation == generations_.loading()) {
    generations_.GiveUpLoading();
    if (generations_.serving() != nullptr) return FailReload("its zygote does not fork");
  } else if (&generation != generations_.serving() || generations_.loading() != nullptr) {
    return;
  }
  LogInfo("a new generation takes the place of generation {}", generation.number());
  next_ = generation.plan();
  next_->touch = generation.touch();
  TendReload();
}

void Master::StopGracefully(bool counts) {
  if (stopping_ != Stopping::kNo) {
    if (counts && std::exchange(stop_counts_, true)) StopFast();
    return;
  }
  LogInfo("graceful shutdown triggered...");
  stop_counts_ = counts;
  settings_.on_stopping();
  stopping_ = Stopping::kGracefully;
  generations_.GiveUpLoading();
  if (Generation* const serving = generations_.serving()) serving->Drain();
  // Nothing is swept here: it may be a generation that passes the signal on. The tick comes soon.
}

void Master::StopFast() {
  if (stopping_ == Stopping::kFast) return;
  if (exit_status_ == 0) LogInfo("SIGINT/SIGTERM received...killing workers...");
  if (stopping_ == Stopping::kNo) settings_.on_stopping();
  stopping_ = Stopping::kFast;
  for (const auto& generation : generations_) generation->Stop();
}

void Master::OnChildExit() {
  while (const auto reaped = os::TryReap()) {
    for (const auto& generation : generations_) generation->ReadMessages();
    for (const auto& generation : generations_) {
      if (generation->OnChildExit(reaped->pid, reaped->status)) break;
    }
  }
  Sweep();
}

void Master::OnTick() {
  for (const auto& generation : generations_) generation->OnTick();
  if (stopping_ == Stopping::kNo) {
    const bool is_under_way = generations_.loading() != nullptr || next_;
    if (!is_under_way && generations_.is_alone_in_accepting()) EndReload(false);
  }
  Sweep();
}

bool Master::is_awaited() const {
  return stopping_ != Stopping::kNo || reloads_.through != reloads_.begun;
}

void Master::Sweep() {
  generations_.Sweep();
  if (stopping_ != Stopping::kNo && generations_.is_empty()) return loop_.Stop();
  TendReload();
}

void Master::LogStatistics() {
  for (const auto& generation : generations_) {
    Scoreboard& scoreboard = generation->scoreboard();
    LogInfo("generation {}: {} requests", generation->number(), scoreboard.total_requests().load());
    for (const int slot : generation->workers().slots()) {
      LogInfo("{}", DescribeProcess(scoreboard, slot));
    }
  }
}

const GenerationPlan& Master::plan() const {
  const Generation* const serving = generations_.serving();
  return serving != nullptr ? serving->plan() : first_plan_;
}

}  // namespace uwsgi
