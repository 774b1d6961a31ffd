// SPDX-License-Identifier: MIT

#include "zygote/zygote.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/app_fork.h"
#include "base/log.h"
#include "ipc/exit_code.h"
#include "ipc/signals.h"
#include "os/clock.h"
#include "os/clock_zone.h"
#include "os/memory.h"
#include "os/process.h"
#include "zygote/fork_worker.h"
#include "zygote/load_watch.h"
#include "zygote/process_options.h"
#include "zygote/signal_relay.h"

namespace uwsgi {
namespace {

constexpr std::chrono::milliseconds kQuietAfter{1000};

// The application may have another zone than the machine, and one log has one.
void TellClockZone(const GenerationChannel& channel) {
  const os::ClockZone zone = os::TakeClockZone();
  Message message{.kind = MessageKind::kClockZone, .value = zone ? 1 : 0};
  if (zone && zone->size() >= message.text.size()) return;
  if (zone) std::ranges::copy(*zone, message.text.begin());
  (void)channel.Send(message);
}

int LoadAndRun(const ZygoteParts& parts, const GenerationContext& context,
               const WorkerIdentity& identity) {
  if (parts.lazy_apps) {
    if (!parts.host->LoadApps()) return ToInt(ExitCode::kAppLoadFailed);
    if (context.descriptors.IsIntact(context.channel->fd())) TellClockZone(*context.channel);
  }
  return RunWorkerProcess(parts, identity);
}

// Runs in the worker, which ends with the returned status.
int WorkerMain(const ZygoteParts& parts, const BootedGeneration& generation,
               const WorkerIdentity& identity) {
  const GenerationContext& context = generation.context;
  EnterSlot(*context.scoreboard, identity.worker_id, identity.slot);
  parts.control->EnterWorker(identity);
  parts.host->AfterForkInChild();
  // While the application loads, nobody looks at the lifeline.
  if (parts.lazy_apps && !os::DieWithParent(context.master_pid, SIGKILL)) return 0;
  const int status = LoadAndRun(parts, context, identity);
  if (parts.lazy_apps && status == ToInt(ExitCode::kAppLoadFailed) &&
      context.descriptors.IsIntact(context.channel->fd())) {
    // The master learns it from the exit status too, if it can not read this.
    (void)context.channel->Send({.kind = MessageKind::kWorkerFailed,
                                 .worker_id = identity.worker_id,
                                 .slot = identity.slot,
                                 .pid = ::getpid(),
                                 .value = status});
  }
  return status;
}

void ForkWorker(const ZygoteParts& parts, const BootedGeneration& generation,
                const Message& request) {
  const WorkerIdentity identity{.worker_id = request.worker_id, .slot = request.slot};
  Message answer{
      .kind = MessageKind::kForked, .worker_id = request.worker_id, .slot = request.slot};
  // A worker must not relay what reaches it.
  BlockServerSignals();
  parts.host->BeforeFork();
  auto forked = ForkedWorker::Fork();
  if (forked && forked->is_worker()) {
    UnblockServerSignals();  // With their default actions; the worker installs its own.
    if (!forked->PassGate()) ::_exit(ToInt(ExitCode::kFailed));
    ::_exit(WorkerMain(parts, generation, identity));
  }
  parts.host->AfterForkInParent();
  UnblockServerSignals();
  if (forked) {
    answer.pid = forked->pid();
  } else {
    LogError("worker {}: {}", identity.worker_id, forked.error().message);
    answer.kind = MessageKind::kForkFailed;
  }
  // Without a master there is nobody to serve for: the gate stays shut.
  if (generation.channel->Send(answer) && forked) forked->OpenGate();
}

// True if the master has said nothing for a while.
bool IsQuiet(const GenerationChannel& channel) {
  pollfd polled{channel.fd(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&polled, 1, static_cast<int>(kQuietAfter.count()));
  } while (ready < 0 && errno == EINTR);
  return ready == 0;
}

// Forks what the master asks for, until it asks to quit or is gone.
void ServeForks(const ZygoteParts& parts, const BootedGeneration& generation) {
  bool has_forked = false;
  while (true) {
    // Threads that the application started may run meanwhile.
    parts.host->ReleaseMainThread();
    // What loading and forking have run is not needed until a worker must be replaced.
    if (has_forked && IsQuiet(*generation.channel)) {
      os::DropFilePages();
      has_forked = false;
    }
    const auto request = generation.channel->Receive();
    parts.host->ReacquireMainThread();
    if (!request || request->kind == MessageKind::kQuit) return;
    if (request->kind != MessageKind::kForkWorker) continue;
    ForkWorker(parts, generation, *request);
    has_forked = true;
  }
}

// Whether the applications have left the server what it serves by. Loading them is over.
bool HasAllDescriptors(const GenerationContext& context) {
  const std::string lost = context.descriptors.FindLost();
  if (lost.empty()) return true;
  LogError(
      "the application has closed {}, which is the server's, while it was imported (os.closerange "
      "closes what others have opened)",
      lost);
  return false;
}

ExitCode FailLoading(const BootedGeneration& generation, ExitCode code) {
  // The exit status says it again.
  (void)generation.channel->Send({.kind = MessageKind::kLoadFailed, .value = ToInt(code)});
  return code;
}

ExitCode ServeGeneration(const ZygoteParts& parts, const BootedGeneration& generation) {
  const std::int64_t started = os::MonotonicNs();
  {
    const LoadWatch watch(*parts.host);
    if (const std::string problem = parts.host->Start(); !problem.empty()) {
      LogError("{}", problem);
      return FailLoading(generation, ExitCode::kFailed);
    }
    if (!parts.lazy_apps && !parts.host->LoadApps()) {
      return FailLoading(generation, ExitCode::kAppLoadFailed);
    }
  }
  // Without a word to the master: its channel may be somebody else's by now.
  if (!HasAllDescriptors(generation.context)) return ExitCode::kAppLoadFailed;
  if (!parts.lazy_apps) TellClockZone(*generation.channel);
  const std::int64_t loading_ms = (os::MonotonicNs() - started) / 1'000'000;
  const auto sent = generation.channel->Send(
      {.kind = MessageKind::kLoaded, .value = static_cast<std::int32_t>(loading_ms)});
  if (sent) ServeForks(parts, generation);
  return ExitCode::kOk;
}

}  // namespace

bool TakeZygoteMark() {
  const char* mark = ::getenv(kZygoteVariable);
  if (mark == nullptr || std::string_view(mark) != "1") return false;
  ::unsetenv(kZygoteVariable);
  return true;
}

void RunZygote(const ZygoteSetup& setup) {
  os::IgnoreWriteSignals();
  ::fcntl(kZygoteChannelFd, F_SETFD, FD_CLOEXEC);
  StartSignalRelay();
  DisownForks();
  auto generation =
      ReceiveBootPacket(std::make_unique<GenerationChannel>(UniqueFd(kZygoteChannelFd)));
  if (!generation) {
    LogError("the zygote cannot start: {}", generation.error().message);
    ::_exit(ToInt(ExitCode::kFailed));
  }
  if (auto moved = ChangeDirectory(generation->context.working_directory); !moved) {
    LogError("{}", moved.error().message);
    ::_exit(ToInt(FailLoading(*generation, ExitCode::kFailed)));
  }
  auto parts = setup(*generation);
  if (!parts) {
    LogError("{}", parts.error().message);
    ::_exit(ToInt(FailLoading(*generation, ExitCode::kFailed)));
  }
  const ExitCode code = ServeGeneration(*parts, *generation);
  // Before any destructor: threads of the application may run on.
  ::_exit(ToInt(code));
}

int RunWorkerProcess(const ZygoteParts& parts, const WorkerIdentity& identity) {
  // From here on the worker watches its lifeline: what it has begun, it may finish.
  (void)os::DieWithParent(::getppid(), 0);
  if (auto moved = ChangeDirectory(parts.chdir_after_loading); !moved) {
    LogError("{}", moved.error().message);
    return ToInt(ExitCode::kFailed);
  }
  parts.host->RunPostForkHook();
  const int status = parts.worker_main(identity);
  parts.host->Shutdown();
  return status;
}

}  // namespace uwsgi
