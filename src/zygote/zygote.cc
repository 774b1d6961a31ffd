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
#include "supervise/process_kind.h"
#include "zygote/fork_worker.h"
#include "zygote/load_watch.h"
#include "zygote/process_options.h"
#include "zygote/signal_relay.h"

namespace uwsgi {
namespace {

constexpr std::chrono::milliseconds kQuietAfter{1000};

// The application may have another zone than the machine, and one log has one.
void TellClockZone(const Link& link) {
  const os::ClockZone zone = os::TakeClockZone();
  ClockZoneText payload{.is_set = zone ? 1 : 0, .text = {}};
  if (zone && zone->size() >= payload.text.bytes.size()) return;
  if (zone) std::ranges::copy(*zone, payload.text.bytes.begin());
  (void)link.Send(Message::With(MessageKind::kClockZone, payload));
}

int LoadAndRun(const ZygoteParts& parts, const GenerationContext& context,
               const WorkerIdentity& identity) {
  if (parts.lazy_apps) {
    if (!parts.host->LoadApps()) return ToInt(ExitCode::kAppLoadFailed);
    if (context.descriptors.IsIntact(kLinkFd)) TellClockZone(*context.link);
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
      context.descriptors.IsIntact(kLinkFd)) {
    // The master learns it from the exit status too, if it can not read this.
    (void)context.link->Send(Message::With(MessageKind::kLoadFailed, Number{status}));
  }
  return status;
}

// What a process of a kind runs, and ends with what it returns.
using ForkedMain = int (*)(const ZygoteParts&, const BootedGeneration&, const WorkerIdentity&);

// Null for a kind that no zygote forks.
ForkedMain MainOf(std::string_view kind) { return kind == kWorkerKind ? WorkerMain : nullptr; }

void AnswerThatItFailed(const Link& link, int target, const ForkRequest& request) {
  (void)link.Send(
      Message::With(MessageKind::kForkFailed, ForkAnswer{.request = request, .pid = 0}, target));
}

// In the new process: its own end of its own link takes the place of the zygote's.
bool TakeLink(const Message& order, BootedGeneration& generation) {
  if (::dup3(order.fd.get(), kLinkFd, O_CLOEXEC) != kLinkFd) return false;
  generation.context.descriptors.Renew(kLinkFd);
  return true;
}

// `order` is a kFork: answers it. Its descriptor is the caller's to close.
void Fork(const ZygoteParts& parts, BootedGeneration& generation, Message& order,
          const ForkRequest& request, ForkedMain run) {
  const WorkerIdentity identity{.worker_id = order.target, .slot = request.slot};
  // A worker must not relay what reaches it.
  BlockServerSignals();
  parts.host->BeforeFork();
  auto forked = ForkedWorker::Fork();
  if (forked && forked->is_worker()) {
    UnblockServerSignals();  // With their default actions; the worker installs its own.
    if (!forked->PassGate() || !TakeLink(order, generation)) ::_exit(ToInt(ExitCode::kFailed));
    order.fd.reset();
    ::_exit(run(parts, generation, identity));
  }
  parts.host->AfterForkInParent();
  UnblockServerSignals();
  if (!forked) {
    LogError("{} {}: {}", request.kind_name(), order.target, forked.error().message);
    return AnswerThatItFailed(*generation.link, order.target, request);
  }
  // Without a master there is nobody to serve for: the gate stays shut.
  const ForkAnswer answer{.request = request, .pid = forked->pid()};
  const auto sent =
      generation.link->Send(Message::With(MessageKind::kForked, answer, order.target));
  if (sent) forked->OpenGate();
}

void AnswerFork(const ZygoteParts& parts, BootedGeneration& generation, Message order) {
  const auto request = order.As<ForkRequest>();
  if (!request) return;
  const ForkedMain run = MainOf(request->kind_name());
  if (run != nullptr && order.fd.valid()) {
    return Fork(parts, generation, order, *request, run);
  }
  LogError("{} {}: cannot fork it: {}", request->kind_name(), order.target,
           run == nullptr ? "this zygote has no such kind of process"
                          : "no descriptor is left for its link (max-fd)");
  AnswerThatItFailed(*generation.link, order.target, *request);
}

// True if the master has said nothing for a while.
bool IsQuiet(const Link& link) {
  pollfd polled{link.fd(), POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&polled, 1, static_cast<int>(kQuietAfter.count()));
  } while (ready < 0 && errno == EINTR);
  return ready == 0;
}

// Forks what the master asks for, until it asks to quit or is gone.
void ServeForks(const ZygoteParts& parts, BootedGeneration& generation) {
  bool has_forked = false;
  while (true) {
    // Threads that the application started may run meanwhile.
    parts.host->ReleaseMainThread();
    // What loading and forking have run is not needed until a worker must be replaced.
    if (has_forked && IsQuiet(*generation.link)) {
      os::DropFilePages();
      has_forked = false;
    }
    auto message = generation.link->Receive();
    parts.host->ReacquireMainThread();
    if (!message || message->kind == MessageKind::kQuit) return;
    if (message->kind != MessageKind::kFork) continue;
    AnswerFork(parts, generation, *std::move(message));
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
  (void)generation.link->Send(Message::With(MessageKind::kLoadFailed, Number{ToInt(code)}));
  return code;
}

ExitCode ServeGeneration(const ZygoteParts& parts, BootedGeneration& generation) {
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
  // Without a word to the master: its link may be somebody else's by now.
  if (!HasAllDescriptors(generation.context)) return ExitCode::kAppLoadFailed;
  if (!parts.lazy_apps) TellClockZone(*generation.link);
  const std::int64_t loading_ms = (os::MonotonicNs() - started) / 1'000'000;
  const Number number{static_cast<std::int32_t>(loading_ms)};
  const auto sent = generation.link->Send(Message::With(MessageKind::kLoaded, number));
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
  ::fcntl(kLinkFd, F_SETFD, FD_CLOEXEC);
  StartSignalRelay();
  DisownForks();
  auto generation = ReceiveBootPacket(std::make_unique<Link>(UniqueFd(kLinkFd)));
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

int RunWorkerProcess(const ZygoteParts& parts, const WorkerIdentity& identity,
                     const std::function<void()>& before_serving) {
  // From here on the worker watches its lifeline: what it has begun, it may finish.
  (void)os::DieWithParent(::getppid(), 0);
  if (auto moved = ChangeDirectory(parts.chdir_after_loading); !moved) {
    LogError("{}", moved.error().message);
    return ToInt(ExitCode::kFailed);
  }
  parts.host->RunPostForkHook();
  before_serving();
  const int status = parts.worker_main(identity);
  parts.host->Shutdown();
  return status;
}

}  // namespace uwsgi
