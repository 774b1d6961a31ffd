// SPDX-License-Identifier: MIT

#include "worker/worker.h"

#include <fmt/core.h>
#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "dispatch/dispatcher.h"
#include "ipc/exit_code.h"
#include "ipc/link_watcher.h"
#include "ipc/signals.h"
#include "log/request_log.h"
#include "os/log_outputs.h"
#include "os/process.h"
#include "os/system_info.h"
#include "worker/accept_restraint.h"
#include "worker/connection_reactor.h"
#include "worker/gateway_waiter.h"
#include "worker/harakiri.h"
#include "worker/recycling.h"
#include "worker/request_accounting.h"

namespace uwsgi {
namespace {

constexpr int kExitDone = ToInt(ExitCode::kOk);
constexpr int kExitReloading = ToInt(ExitCode::kReloading);
constexpr int kExitStopped = ToInt(ExitCode::kStopped);
constexpr int kExitFailed = ToInt(ExitCode::kFailed);

// Deadlines are this late at most, harakiri included.
constexpr std::chrono::milliseconds kTick{250};

class Worker {
 public:
  Worker(const WorkerParts& parts, const WorkerIdentity& identity, RequestLog request_log);

  int Run();

 private:
  Result<void> Prepare();
  void HandleSignals();
  void HoldSignals();
  void WatchMaster();
  // Whether the master was told.
  bool Report(const Message& message);
  Result<void> WatchLink();
  void OnMessage(const Message& message);
  void OnTick();
  void Finish(int status, bool serve_queued = true);
  void StopAtOnce();
  void LogWhereThreadsAre();
  os::MemoryUsage NoteMemory();
  void Leave();
  void OnTerminate();
  void Recycle(RecycleReason reason);
  void LeaveAfterHarakiri();
  void LookForLostDescriptors();
  void LeaveCrippled();

  const WorkerParts parts_;
  const WorkerIdentity identity_;
  ProcessSlot& process_;
  RequestLog request_log_;
  StaticFiles static_files_;
  AppFiles app_files_;
  Harakiri harakiri_;
  RequestAccounting accounting_;
  Recycling recycling_;
  AcceptRestraint restraint_;
  GatewayWaiter waiter_;
  std::unique_ptr<ConnectionReactor> reactor_;
  std::unique_ptr<os::Timer> tick_;
  std::map<int, std::function<void()>> actions_;  // By signal.
  std::vector<std::unique_ptr<os::SignalWatcher>> signals_;
  os::FdWatcher lifeline_;
  LinkWatcher link_;
  os::LogOutputs outputs_;

  int status_ = kExitDone;
  bool recycle_asked_ = false;
  bool is_terminated_ = false;  // By SIGTERM, once.
  bool has_told_of_signals_ = false;
  int harakiris_ = 0;
  std::optional<std::chrono::steady_clock::time_point> leave_at_;
};

Worker::Worker(const WorkerParts& parts, const WorkerIdentity& identity, RequestLog request_log)
    : parts_(parts),
      identity_(identity),
      process_(parts.generation.scoreboard->process(identity.slot)),
      request_log_(std::move(request_log)),
      static_files_(parts.static_files),
      app_files_(parts.static_files),
      harakiri_(parts.options.harakiri, parts.options.threads, identity.worker_id,
                parts.host.gateway()),
      accounting_(*parts.generation.scoreboard, identity, request_log_, harakiri_),
      recycling_(parts.recycling, identity.worker_id, Recycling::Clock::now()),
      restraint_(*parts.generation.scoreboard, identity.slot, os::UsableProcessors()),
      waiter_(parts.host.gateway()) {}

Result<void> Worker::Prepare() {
  if (const std::string lost = parts_.generation.descriptors.FindLost(); !lost.empty()) {
    return Error{ErrorCode::kClosed, "the application has closed " + lost};
  }
  auto reactor = ConnectionReactor::Create(
      {parts_.requests, parts_.peers, parts_.compression, parts_.websockets, parts_.options.threads,
       parts_.generation, static_files_, app_files_, parts_.tls, accounting_, request_log_, waiter_,
       restraint_, [this] { LeaveCrippled(); }});
  if (!reactor) return reactor.error();
  reactor_ = *std::move(reactor);
  tick_ = std::make_unique<os::Timer>(reactor_->loop());
  tick_->Start(kTick, kTick, [this] { OnTick(); });
  HandleSignals();
  WatchMaster();
  if (auto watching = WatchLink(); !watching) return watching;
  parts_.control.OnSetAccepting([this](bool accepting) { reactor_->SetAccepting(accepting); });
  return {};
}

int Worker::Run() {
  if (auto prepared = Prepare(); !prepared) {
    LogError("worker {} cannot serve: {}", identity_.worker_id, prepared.error().message);
    return kExitFailed;
  }
  process_.state.store(WorkerState::kReady, std::memory_order_release);
  Report({.kind = MessageKind::kReady});

  DispatcherOptions options;
  options.threads = parts_.options.threads;
  options.stack_size = parts_.options.thread_stack_size.bytes;
  options.thread_name = "uWSGIWorker" + std::to_string(identity_.worker_id) + "Core";
  Dispatcher dispatcher(options, parts_.host.gateway(), *reactor_, *reactor_);
  parts_.host.ReleaseMainThread();
  const auto served = dispatcher.Run();
  parts_.host.ReacquireMainThread();

  request_log_.Flush();
  if (!served) {
    LogError("worker {} cannot serve: {}", identity_.worker_id, served.error().message);
    return kExitFailed;
  }
  return status_;
}

void Worker::HandleSignals() {
  const auto on = [this](int signum, std::function<void()> action) {
    signals_.push_back(std::make_unique<os::SignalWatcher>(reactor_->loop(), signum, action));
    actions_[signum] = std::move(action);
  };
  const bool alone = parts_.generation.master_pid == 0;
  on(SIGINT, [this] { StopAtOnce(); });
  on(SIGQUIT, [this] { StopAtOnce(); });
  on(SIGUSR1,
     [this] { LogInfo("{}", DescribeProcess(*parts_.generation.scoreboard, identity_.slot)); });
  if (alone) {
    for (const int signum : {SIGHUP, SIGTERM, kStopSignal})
      on(signum, [this] { Finish(kExitDone); });
  } else {
    on(SIGHUP, [this] { Leave(); });
    on(SIGTERM, [this] { OnTerminate(); });
    on(SIGUSR2, [this] { LogWhereThreadsAre(); });
  }
  NoteServerHandlers();
  os::IgnoreWriteSignals();
  // The fork hook may have blocked them for all threads to come.
  UnblockServerSignals();
}

// Against what the application does to signals while it serves: a master's order counts all the
// same, and the handlers come back.
void Worker::HoldSignals() {
  const auto told = actions_.find(process_.told.exchange(0, std::memory_order_relaxed));
  if (told != actions_.end()) told->second();
  const std::vector<int> restored = RestoreServerHandlers();
  os::IgnoreWriteSignals();
  if (restored.empty() || std::exchange(has_told_of_signals_, true)) return;
  LogWarning(
      "worker {}: the application has set a handler for signal {}, which is the server's: the "
      "server's is put back, as it will be each time",
      identity_.worker_id, restored.front());
}

void Worker::WatchMaster() {
  if (parts_.generation.lifeline_fd < 0) return;
  lifeline_.Start(
      reactor_->loop(), parts_.generation.lifeline_fd, os::FdWatcher::kReadable,
      [](void* self, int) {
        auto& worker = *static_cast<Worker*>(self);
        worker.lifeline_.Stop();  // Its end stays readable.
        LogError("the master is gone, worker {} leaves", worker.identity_.worker_id);
        worker.StopAtOnce();
      },
      this);
}

Result<void> Worker::WatchLink() {
  const Link* const link = parts_.generation.link;
  if (link == nullptr) return {};
  return link_.Start(reactor_->loop(), *link, [this] {
    link_.Read([this](const Message& message) { OnMessage(message); }, [](const Error&) {});
  });
}

void Worker::OnMessage(const Message& message) {
  if (message.kind == MessageKind::kRetire) Finish(kExitReloading);
}

bool Worker::Report(const Message& message) {
  const Link* link = parts_.generation.link;
  // The link's number may be an application's descriptor by now.
  if (link == nullptr || !parts_.generation.descriptors.IsIntact(link->fd())) return false;
  const auto sent = link->Send(message);
  if (!sent) {
    LogWarning("worker {} cannot tell the master: {}", identity_.worker_id, sent.error().message);
  }
  return sent.ok();
}

void Worker::OnTick() {
  HoldSignals();
  reactor_->ExpireDeadlines();
  const int ended = accounting_.EndOverdue();
  if (ended > harakiris_) {
    parts_.generation.scoreboard->counters(identity_.worker_id)
        .harakiri_count.fetch_add(static_cast<std::uint64_t>(ended - harakiris_));
    harakiris_ = ended;
    Recycle(RecycleReason::kHarakiri);
    if (!leave_at_) {
      leave_at_ = std::chrono::steady_clock::now() + parts_.options.harakiri_graceful_timeout;
      Finish(kExitDone, false);
    }
  }
  if (leave_at_) LeaveAfterHarakiri();
  if (recycle_asked_) return;
  LookForLostDescriptors();
  const os::MemoryUsage memory = NoteMemory();
  if (const auto reason =
          recycling_.Check(accounting_.requests(), Recycling::Clock::now(), memory)) {
    Recycle(*reason);
  }
}

// For whoever asks uwsgi.workers(), as in uWSGI only if some option needs it anyway.
os::MemoryUsage Worker::NoteMemory() {
  if (!parts_.log.memory_report && !recycling_.limits_memory()) return {};
  const os::MemoryUsage memory = os::ReadMemoryUsage();
  process_.rss.store(memory.rss, std::memory_order_relaxed);
  process_.vsz.store(memory.vsz, std::memory_order_relaxed);
  return memory;
}

void Worker::Recycle(RecycleReason reason) {
  if (recycle_asked_) return;
  recycle_asked_ = true;
  if (reason != RecycleReason::kHarakiri) {
    LogInfo("...The work of process {} is done. Seeya!", ::getpid());
  }
  // Without a master nobody replaces this process; one that can not be told does so afterwards.
  if (!Report(Message::With(MessageKind::kRecycle, Number{static_cast<int>(reason)}))) {
    Finish(kExitDone);
  }
}

// A worker without its listeners would be deaf, and be taken for an idle one.
void Worker::LookForLostDescriptors() {
  if (const auto restored = outputs_.Restore()) {
    LogWarning("worker {}: the application has closed descriptor {}: it is the log again",
               identity_.worker_id, *restored);
  }
  const std::string lost = parts_.generation.descriptors.FindLost();
  if (lost.empty()) return;
  LogError("worker {} (pid: {}): the application has closed {}: another worker takes its place",
           identity_.worker_id, ::getpid(), lost);
  Recycle(RecycleReason::kLostDescriptor);
}

// From whatever thread owns the loop, which can not go on: not even to finish what has begun.
void Worker::LeaveCrippled() {
  LogError("worker {} (pid: {}): the application has closed the event loop's descriptors: it ends",
           identity_.worker_id, ::getpid());
  request_log_.Flush();
  parts_.leave(kExitFailed);
}

void Worker::Finish(int status, bool serve_queued) {
  if (reactor_->is_draining()) return;
  status_ = status;
  process_.state.store(WorkerState::kDraining, std::memory_order_release);
  reactor_->Drain(serve_queued);
}

// Goes now. The master is told, if it is not the one that says so: others wait meanwhile.
void Worker::Leave() {
  if (reactor_->is_draining()) return;
  Report(Message::With(MessageKind::kRecycle, Number{static_cast<int>(RecycleReason::kHangup)}));
  Finish(kExitReloading);
}

// The signal was a whole group's, or this process's: the master ends it, at once or when another
// one has its place. Who says it again does not want to wait for that one.
void Worker::OnTerminate() {
  if (std::exchange(is_terminated_, true)) return Leave();
  Recycle(RecycleReason::kTerminated);
}

void Worker::StopAtOnce() {
  status_ = parts_.generation.master_pid == 0 ? kExitDone : kExitStopped;
  if (accounting_.busy_threads() > 0) {
    reactor_->SayGoodbye();
    request_log_.Flush();
    parts_.leave(status_);
  }
  reactor_->StopAtOnce();
}

void Worker::LogWhereThreadsAre() {
  Log({.kind = LogKind::kTraceback,
       .form = LogForm::kLines,
       .text = fmt::format("SIGUSR2: {}\n{}",
                           DescribeProcess(*parts_.generation.scoreboard, identity_.slot),
                           parts_.host.gateway().DescribeStacks(-1))});
}

// The threads that hang can not be joined: once nobody else is busy the process goes.
void Worker::LeaveAfterHarakiri() {
  const bool only_stuck_ones = reactor_->open_connections() <= harakiris_;
  if (!only_stuck_ones && std::chrono::steady_clock::now() < *leave_at_) return;
  request_log_.Flush();
  ::kill(::getpid(), SIGKILL);
}

}  // namespace

int RunWorker(const WorkerParts& parts, const WorkerIdentity& identity) {
  SetLogWorker(identity.worker_id);
  auto request_log = RequestLog::Create(parts.log);
  if (!request_log) {
    LogError("{}", request_log.error().message);
    return kExitFailed;
  }
  auto worker = std::make_unique<Worker>(parts, identity, *std::move(request_log));
  const int status = worker->Run();
  // Never destroyed: its signal watchers stand, unheard, until the process has ended, so that no
  // second signal cuts the exit functions short. Threads of the application could take it too.
  (void)worker.release();
  return status;
}

}  // namespace uwsgi
