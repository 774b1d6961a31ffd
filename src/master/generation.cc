// SPDX-License-Identifier: MIT

#include "master/generation.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "ipc/boot_packet.h"
#include "ipc/exit_code.h"
#include "ipc/signals.h"
#include "master/worker_kind.h"
#include "os/fd_passing.h"
#include "os/process.h"

namespace uwsgi {
namespace {

constexpr std::chrono::milliseconds kQuitMercy{1000};
constexpr std::chrono::seconds kLongestZygoteRetry{60};
// After that it is said where an import is; again when it has taken twice as long.
constexpr std::chrono::seconds kSlowLoading{10};
}  // namespace

Result<std::unique_ptr<Generation>> Generation::Start(os::EventLoop& loop, Spec spec,
                                                      Events events) {
  std::unique_ptr<Generation> generation(new Generation(loop, std::move(spec), std::move(events)));
  if (auto opened = generation->Open(); !opened) return opened.error();
  if (auto started = generation->StartZygote(); !started) return started.error();
  return generation;
}

Generation::Generation(os::EventLoop& loop, Spec spec, Events events)
    : loop_(loop),
      spec_(std::move(spec)),
      events_(std::move(events)),
      touch_(spec_.plan.touch),
      zygote_patience_(spec_.plan.fork_patience) {}

Generation::~Generation() = default;

Result<void> Generation::Open() {
  const MasterOptions& options = spec_.plan.master;
  auto scoreboard = Scoreboard::Create(options.processes, spec_.plan.threads);
  if (!scoreboard) return scoreboard.error();
  scoreboard_ = std::make_unique<Scoreboard>(*std::move(scoreboard));

  int lifeline[2];
  if (::pipe2(lifeline, O_CLOEXEC) != 0) return SystemError("cannot make a pipe", errno);
  lifeline_read_.reset(lifeline[0]);
  lifeline_write_.reset(lifeline[1]);

  auto pair = os::MakeSocketPair();
  if (!pair) return pair.error();
  handoff_ = *std::move(pair);

  Supervisor::Events events;
  events.start = [this](int seat, int slot, UniqueFd end) {
    Message order = Message::With(MessageKind::kFork, ForkRequest::Of(kWorkerKind, slot), seat);
    order.fd = std::move(end);
    const auto sent = zygote_->link.Send(order);
    if (!sent) LogError("cannot ask for worker {}: {}", seat, sent.error().message);
  };
  events.readable = [this] { ReadMessages(); };
  events.message = [this](const Message& message) { OnMessage(message); };
  events.stray = [this](const Error& error) { OnStray(error); };
  events.ready = [this] {
    if (state_ != State::kLoading) return;
    state_ = State::kReady;
    events_.ready(*this);
  };
  events.failed_to_start = [this](int status) {
    if (state_ == State::kLoading) events_.failed(*this, status);
  };
  workers_ =
      std::make_unique<Supervisor>(loop_, WorkerKind(spec_.plan, *scoreboard_), std::move(events));
  workers_->Want(options.processes);
  return {};
}

Result<void> Generation::StartZygote() {
  auto ends = Link::Create();
  if (!ends) return ends.error();
  auto link = std::make_unique<ZygoteLink>(std::move(ends->first));
  auto watching = link->watcher.Start(loop_, link->link, [this] { ReadMessages(); });
  if (!watching) return watching;
  GenerationContext context;
  context.number = spec_.number;
  context.master_pid = spec_.master_pid;
  context.started_on = spec_.started_on;
  context.working_directory = spec_.plan.working_directory;
  context.listeners = spec_.listeners;
  context.scoreboard = scoreboard_.get();
  for (const auto& region : spec_.regions) context.regions.push_back(region.get());
  context.lifeline_fd = lifeline_read_.get();
  context.handoff_send_fd = handoff_.first.get();
  context.handoff_receive_fd = handoff_.second.get();
  if (auto sent = SendBootPacket(link->link, context, spec_.plan.texts); !sent) {
    return sent.error();
  }

  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  os::SpawnRequest request;
  request.program = spec_.plan.zygote.program;
  request.arguments = spec_.plan.zygote.arguments;
  // Python takes tens of milliseconds to start, where it is the program.
  request.blocked.assign(kServerSignals.begin(), kServerSignals.end());
  const int input = spec_.plan.master.honour_stdin ? STDIN_FILENO : null.get();
  request.fds = {{.from = input, .to = 0}, {.from = ends->second.fd(), .to = kLinkFd}};
  for (const int standard : {1, 2}) {
    if (spec_.output_fd >= 0) request.fds.push_back({.from = spec_.output_fd, .to = standard});
  }
  request.environment = spec_.plan.zygote.environment;
  request.without = spec_.plan.zygote.without;
  request.environment.push_back({.key = kZygoteVariable, .value = "1"});
  // The master's is that of the application which serves.
  request.without.emplace_back("TZ");
  if (spec_.clock_zone) request.environment.push_back({"TZ", *spec_.clock_zone});
  request.die_with_parent = true;
  // The terminal's signals, and those to a group, reach the master alone; but only who is in the
  // terminal's foreground group may read it.
  request.own_group = !spec_.plan.master.honour_stdin;
  auto pid = os::Spawn(request);
  if (!pid) return pid.error();
  zygote_ = std::move(link);
  zygote_pid_ = *pid;
  zygote_started_ = Clock::now();
  zygote_state_ = ZygoteState::kLoading;
  ask_where_after_ = kSlowLoading;
  return {};
}

void Generation::Serve() {
  if (state_ == State::kReady) state_ = State::kServing;
}

void Generation::Drain() {
  if (state_ >= State::kDraining) return;
  state_ = State::kDraining;
  workers_->Drain();
  QuitZygote();
  UpdateState();
}

void Generation::Stop() {
  if (state_ == State::kGone) return;
  state_ = State::kStopping;
  workers_->Stop();
  QuitZygote();
  UpdateState();
}

void Generation::RecycleWorkers() { workers_->RecycleAll(); }
void Generation::RecycleWorkersInTurn() { workers_->RecycleInTurn(); }

// A zygote that imports can not listen, and has no workers to tell of. One that serves quits
// after it has told of every fork, so that the supervisor knows every pid.
void Generation::QuitZygote() {
  start_zygote_at_.reset();
  if (zygote_state_ == ZygoteState::kNone || zygote_state_ == ZygoteState::kQuitting) return;
  const bool asked = zygote_state_ == ZygoteState::kServing &&
                     zygote_->link.Send({.kind = MessageKind::kQuit}).ok();
  if (!asked) ::kill(zygote_pid_, SIGKILL);
  kill_zygote_at_ = Clock::now() + kQuitMercy;
  zygote_state_ = ZygoteState::kQuitting;
}

// The zygote's first: it tells of a worker before that one can say anything.
void Generation::ReadMessages() {
  if (zygote_ != nullptr) {
    zygote_->watcher.Read([this](const Message& message) { OnZygoteMessage(message); },
                          [this](const Error& error) { OnStray(error); });
  }
  workers_->ReadLinks();
  for (const int signum : std::exchange(signals_, {})) events_.signalled(signum);
}

void Generation::OnZygoteMessage(const Message& message) {
  const auto number = message.As<Number>();
  const auto answer = message.As<ForkAnswer>();
  switch (message.kind) {
    case MessageKind::kLoaded:
      if (!number) break;
      return OnZygoteLoaded(std::chrono::milliseconds(number->value));
    case MessageKind::kForked:
      if (!answer || answer->request.kind_name() != kWorkerKind) break;
      return workers_->OnStarted(message.target, answer->request.slot, answer->pid);
    case MessageKind::kForkFailed:
      if (!answer || answer->request.kind_name() != kWorkerKind) break;
      return workers_->OnStartFailed(message.target, answer->request.slot);
    case MessageKind::kLoadFailed:
      has_said_why_ = true;  // Its exit follows and says the same.
      return;
    case MessageKind::kLoadingAt: {
      const auto place = message.As<ShortText>();
      if (!place) break;
      if (zygote_state_ == ZygoteState::kLoading) LogStillLoading(place->view());
      return;
    }
    default:
      return OnMessage(message);
  }
  OnStray({ErrorCode::kMalformed, "the zygote does not say that"});
}

void Generation::OnMessage(const Message& message) {
  const auto number = message.As<Number>();
  const auto zone = message.As<ClockZoneText>();
  if (message.kind == MessageKind::kSignal && number) {
    signals_.insert(number->value);
  } else if (message.kind == MessageKind::kClockZone && zone) {
    clock_zone_.reset();
    if (zone->is_set != 0) clock_zone_ = std::string(zone->text.view());
    events_.told_clock_zone(*this);
  } else {
    OnStray({ErrorCode::kMalformed, "nobody says that"});
  }
}

// The application may have found the descriptor: nobody else writes there what is none of ours.
void Generation::OnStray(const Error& error) {
  if (std::exchange(was_disturbed_, true)) return;
  LogWarning("generation {}: one of its processes has written to the server's own socket: {}",
             spec_.number, error.message);
}

void Generation::OnZygoteLoaded(std::chrono::milliseconds took) {
  if (zygote_state_ != ZygoteState::kLoading) return;
  zygote_state_ = ZygoteState::kServing;
  zygote_retry_ = std::chrono::seconds(1);
  loading_time_ = took;
  if (std::exchange(was_loaded_, true)) LogInfo("the zygote is back (pid: {})", zygote_pid_);
  workers_->OnOriginReady();
}

bool Generation::OnChildExit(pid_t pid, const os::ExitStatus& status) {
  if (pid == zygote_pid_ && zygote_state_ != ZygoteState::kNone) {
    OnZygoteExit(status);
  } else if (!workers_->OnExit(pid, status)) {
    return false;
  }
  UpdateState();
  return true;
}

void Generation::OnZygoteExit(const os::ExitStatus& status) {
  const ZygoteState before = std::exchange(zygote_state_, ZygoteState::kNone);
  zygote_pid_ = 0;
  zygote_.reset();
  kill_zygote_at_.reset();
  workers_->OnOriginLost();
  if (before == ZygoteState::kQuitting) return;
  if (!was_loaded_) {
    if (!has_said_why_) LogError("the zygote {} before it had loaded anything", status.Text());
    events_.failed(*this, status.signal != 0 ? ToInt(ExitCode::kFailed) : status.code);
    return;
  }
  LogError("the zygote {}: its workers serve on, a new one takes its place in {} second(s)",
           status.Text(), zygote_retry_.count());
  RetryZygoteLater();
}

void Generation::RetryZygoteLater() {
  start_zygote_at_ = Clock::now() + zygote_retry_;
  zygote_retry_ = std::min(zygote_retry_ * 2, kLongestZygoteRetry);
}

void Generation::OnTick() {
  const auto now = Clock::now();
  if (kill_zygote_at_ && now >= *kill_zygote_at_) {
    kill_zygote_at_.reset();
    ::kill(zygote_pid_, SIGKILL);
  }
  if (start_zygote_at_ && now >= *start_zygote_at_) {
    start_zygote_at_.reset();
    if (auto started = StartZygote(); !started) {
      LogError("cannot start the zygote again: {}", started.error().message);
      RetryZygoteLater();
    }
  }
  workers_->OnTick();
  AskWhereItLoads(now);
  if (state_ < State::kDraining) CheckZygote(now);
}

// The zygote says it, from a signal handler; the master, which always can, where it does not.
void Generation::AskWhereItLoads(Clock::time_point now) {
  if (zygote_state_ != ZygoteState::kLoading) {
    is_asked_where_ = false;
    return;
  }
  if (is_asked_where_) LogStillLoading("");
  if (now - zygote_started_ < ask_where_after_) return;
  ask_where_after_ *= 2;
  is_asked_where_ = ::kill(zygote_pid_, kWhereSignal) == 0;
}

void Generation::LogStillLoading(std::string_view place) {
  is_asked_where_ = false;
  const auto waited =
      std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - zygote_started_);
  std::string text;  // Names of files are the application's.
  for (const char c : place) text += static_cast<unsigned char>(c) < ' ' ? '?' : c;
  LogWarning("still loading after {} s: {}", waited.count(),
             text.empty() ? "the zygote does not say where" : text);
}

// Nobody else would tell: the workers that are there serve on, those that end are not replaced.
void Generation::CheckZygote(Clock::time_point now) {
  const bool imports_again = zygote_state_ == ZygoteState::kLoading && was_loaded_;
  std::optional<Clock::time_point> since;
  if (imports_again) since = zygote_started_;
  if (zygote_state_ == ZygoteState::kServing) since = workers_->unanswered_since();
  if (!since) {
    zygote_patience_ = spec_.plan.fork_patience;
    return;
  }
  if (now - *since < zygote_patience_) return;
  zygote_patience_ *= 2;
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - *since).count();
  if (imports_again) {
    LogWarning("the zygote (pid: {}) imports for {} seconds: no worker is replaced meanwhile",
               zygote_pid_, passed);
    return;
  }
  LogError("the zygote of generation {} (pid: {}) hangs: it has not forked a worker for {} seconds",
           spec_.number, zygote_pid_, passed);
  events_.hangs(*this);
}

bool Generation::is_accepting() const {
  for (int slot = 0; slot < scoreboard_->process_slots(); ++slot) {
    if (scoreboard_->process(slot).state == WorkerState::kReady) return true;
  }
  return false;
}

void Generation::UpdateState() {
  if (state_ < State::kDraining || zygote_state_ != ZygoteState::kNone) return;
  if (workers_->is_empty()) state_ = State::kGone;
}

}  // namespace uwsgi
