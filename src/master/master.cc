// SPDX-License-Identifier: MIT

#include "master/master.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/log.h"
#include "os/exit_status.h"
#include "os/process.h"
#include "shared/exit_code.h"
#include "shared/signals.h"

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

Master::Master(Settings settings, ListenerSet& listeners, GenerationPlan plan)
    : settings_(std::move(settings)),
      listeners_(listeners),
      first_plan_(std::move(plan)),
      tick_(loop_),
      started_(Clock::now()) {}

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
    signals_.push_back(
        std::make_unique<os::SignalWatcher>(loop_, signum, [this, signum] { OnSignal(signum); }));
  }
  signals_.push_back(
      std::make_unique<os::SignalWatcher>(loop_, SIGCHLD, [this] { OnChildExit(); }));
  // Once Run is over the watchers go, and a signal would have its default effect.
  const ServerSignalsUnblocked unblocked;
  if (auto started = StartGeneration(first_plan_); !started) {
    LogError("cannot start: {}", started.error().message);
    return ToInt(ExitCode::kFailed);
  }
  UpdateTick();
  loop_.Run();
  if (exit_status_ == 0) LogInfo("goodbye to uWSGI.");
  return exit_status_;
}

Result<void> Master::StartGeneration(const GenerationPlan& plan) {
  auto listeners = listeners_.OpenFor(plan.listen);
  if (!listeners) return listeners.error();
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
  spec.zygote = settings_.zygote;
  if (log_pipe_) spec.output_fd = log_pipe_->write_end();
  // A generation outlives its events: it is destroyed by Sweep alone.
  auto slot = generations_.emplace(generations_.end());
  Generation::Events events;
  events.ready = [this, slot] { OnReady(**slot); };
  events.failed = [this, slot](int exit_status) { OnFailed(**slot, exit_status); };
  events.signalled = [this](int signum) { OnSignal(signum); };
  auto generation = Generation::Start(loop_, std::move(spec), std::move(events));
  if (!generation) {
    generations_.erase(slot);
    return generation.error();
  }
  *slot = *std::move(generation);
  loading_ = slot->get();
  return {};
}

void Master::OnSignal(int signum) {
  switch (signum) {
    case SIGTERM:
      if (options().die_on_term) return StopGracefully();
      LogInfo("...brutally killing workers...");
      is_brutal_reload_ = true;
      return Reload();
    case kStopSignal:
      return StopGracefully();
    case SIGINT:
    case SIGQUIT:
      return StopFast();
    case SIGHUP:
      LogInfo("SIGHUP received: reloading");
      return Reload();
    case SIGUSR1:
      return LogStatistics();
    default:
      return;
  }
}

void Master::Reload() {
  if (stopping_ != Stopping::kNo) return;
  if (options().exit_on_reload) {
    LogInfo("uWSGI: GAME OVER (insert coin)");
    return StopGracefully();
  }
  // What is loaded already may serve requests, so it is not given up for something newer.
  if (loading_ != nullptr && loading_->is_loaded()) {
    if (!reload_again_since_) reload_again_since_ = Clock::now();
    return;
  }
  ReloadNow();
}

void Master::ReloadNow() {
  reload_again_since_.reset();
  ++reloads_.begun;
  settings_.on_reload(reloads_);
  UpdateTick();
  auto plan = settings_.read_plan();
  if (!plan) return FailReload(plan.error().message);
  DropLoading();
  if (auto started = StartGeneration(*plan); !started) FailReload(started.error().message);
}

void Master::FailReload(const std::string& why) {
  is_brutal_reload_ = false;
  EndReload(true);
  if (serving_ != nullptr) {
    LogError("reload failed: {}; generation {} serves on", why, serving_->number());
    if (loading_ == nullptr)
      listeners_.Retain(serving_->listeners(), serving_->plan().master.vacuum);
    return;
  }
  LogError("reload failed: {}", why);
  if (loading_ != nullptr) return;
  // The first generation was given up for this one.
  exit_status_ = ToInt(ExitCode::kFailed);
  StopFast();
}

void Master::EndReload(bool has_failed) {
  if (reloads_.through == reloads_.begun) return;
  reloads_.through = reloads_.begun;
  reloads_.has_failed = has_failed;
  settings_.on_reload(reloads_);
  UpdateTick();
}

// Gives the generation that loads up, if there is one.
void Master::DropLoading() {
  if (loading_ == nullptr) return;
  Generation& dropped = *std::exchange(loading_, nullptr);
  if (dropped.is_loaded()) {
    dropped.Drain();
  } else {
    dropped.Stop();
  }
}

void Master::OnReady(Generation& generation) {
  if (&generation != loading_) return;
  loading_ = nullptr;
  Generation* const old = std::exchange(serving_, &generation);
  generation.Serve();
  touch_reload_.Watch(options().touch_reload);
  touch_workers_reload_.Watch(options().touch_workers_reload);
  touch_chain_reload_.Watch(options().touch_chain_reload);
  listeners_.Retain(generation.listeners(), options().vacuum);
  if (old == nullptr) {
    LogInfo("ready in {} ms (application loaded in {} ms)", Since(started_).count(),
            generation.loading_time().count());
    settings_.on_serving();
  } else {
    if (std::exchange(is_brutal_reload_, false)) {
      old->Stop();
    } else {
      LogInfo("...gracefully killing workers...");
      old->Drain();
    }
    // Tools take this line for the moment from which only the new application answers.
    LogInfo("gracefully (RE)spawned uWSGI master process (pid: {})", ::getpid());
  }
  if (reload_again_since_) ReloadNow();
}

void Master::OnFailed(Generation& generation, int exit_status) {
  if (&generation != loading_) return;
  const bool is_load_failure = exit_status == ToInt(ExitCode::kAppLoadFailed);
  if (serving_ != nullptr) {
    DropLoading();
    FailReload(is_load_failure ? "the application could not be loaded"
                               : "its processes ended while they started");
    if (reload_again_since_) ReloadNow();
    return;
  }
  if (reload_again_since_) return ReloadNow();
  // A worker that crashes at the first start is forked again, as at any other time.
  if (generation.is_loaded() && !is_load_failure) return;
  exit_status_ = exit_status == 0 ? ToInt(ExitCode::kFailed) : exit_status;
  StopFast();
}

void Master::StopGracefully() {
  if (stopping_ != Stopping::kNo) return StopFast();
  LogInfo("graceful shutdown triggered...");
  stopping_ = Stopping::kGracefully;
  UpdateTick();
  DropLoading();
  if (serving_ != nullptr) serving_->Drain();
  Sweep();
}

void Master::StopFast() {
  if (stopping_ == Stopping::kFast) return;
  if (exit_status_ == 0) LogInfo("SIGINT/SIGTERM received...killing workers...");
  stopping_ = Stopping::kFast;
  UpdateTick();
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
  if (stopping_ == Stopping::kNo && serving_ != nullptr) {
    queue_watch_.Check(serving_->listeners(), serving_->scoreboard(), QueueWatch::Clock::now());
    CheckTouchedFiles();
  }
  if (stopping_ == Stopping::kNo && reload_again_since_ &&
      Clock::now() - *reload_again_since_ >= options().worker_reload_mercy) {
    ReloadNow();  // What loads has had its time.
  }
  if (stopping_ == Stopping::kNo && loading_ == nullptr && IsAloneInAccepting()) EndReload(false);
  Sweep();
}

void Master::UpdateTick() {
  const bool is_awaited = stopping_ != Stopping::kNo || reloads_.through != reloads_.begun;
  const auto interval = is_awaited ? kAwaitedTick : kTick;
  if (std::exchange(tick_interval_, interval) == interval) return;
  tick_.Start(interval, interval, [this] { OnTick(); });
}

// From then on only the new application answers.
bool Master::IsAloneInAccepting() const {
  return std::none_of(generations_.begin(), generations_.end(), [this](const auto& each) {
    return each.get() != serving_ && each->is_accepting();
  });
}

void Master::CheckTouchedFiles() {
  if (const auto file = touch_reload_.Check()) {
    LogInfo("*** {} has been touched... grace them all !!! ***", *file);
    Reload();
  }
  if (const auto file = touch_workers_reload_.Check()) {
    LogInfo("*** {} has been touched... grace all the workers !!! ***", *file);
    serving_->RecycleWorkers();
  }
  if (const auto file = touch_chain_reload_.Check()) {
    LogInfo("*** {} has been touched... chain reload !!! ***", *file);
    serving_->RecycleWorkersInTurn();
  }
}

// The only place where generations are destroyed: no method of one is running.
void Master::Sweep() {
  generations_.remove_if([this](const std::unique_ptr<Generation>& generation) {
    if (generation->state() != Generation::State::kGone) return false;
    if (serving_ == generation.get()) serving_ = nullptr;
    return true;
  });
  if (stopping_ != Stopping::kNo && generations_.empty()) loop_.Stop();
}

void Master::LogStatistics() {
  for (const auto& generation : generations_) {
    Scoreboard& scoreboard = generation->scoreboard();
    LogInfo("generation {}: {} requests", generation->number(), scoreboard.total_requests().load());
    for (const WorkerHandle& worker : generation->workers().handles()) {
      LogInfo("{}", DescribeProcess(scoreboard, worker.slot));
    }
  }
}

const MasterOptions& Master::options() const {
  return serving_ != nullptr ? serving_->plan().master : first_plan_.master;
}

}  // namespace uwsgi
