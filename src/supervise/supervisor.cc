// SPDX-License-Identifier: MIT

#include "supervise/supervisor.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "ipc/exit_code.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

using State = ProcessHandle::State;

constexpr std::chrono::seconds kStartRetry{1};
// What is asked for and not answered stands in the link of the zygote, which holds some hundreds
// of messages.
constexpr int kMostAsked = 64;

long SecondsSince(ProcessHandle::Clock::time_point start) {
  const auto passed = ProcessHandle::Clock::now() - start;
  return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(passed).count());
}

}  // namespace

Supervisor::Supervisor(os::EventLoop& loop, ProcessKind kind, Events events)
    : loop_(loop),
      kind_(std::move(kind)),
      events_(std::move(events)),
      can_start_(kind_.origin == Origin::kExec),
      random_(static_cast<unsigned>(::getpid()) ^ static_cast<unsigned>(os::MonotonicNs())) {}

void Supervisor::Want(int count) {
  while (static_cast<int>(seats_.size()) < count) {
    seats_.emplace_back(static_cast<int>(seats_.size()) + 1);
  }
  for (Seat& seat : seats_) {
    seat.SetWanted(seat.number() <= count);
    if (seat.is_wanted() || phase_ != Phase::kServing) continue;
    for (ProcessHandle& process : seat.processes()) {
      if (process.is_live()) Retire(process, Haste::kGraceful, kind_.stop.mercy);
    }
  }
  Tend();
  TellIfAllAreReady();
}

void Supervisor::OnOriginReady() {
  can_start_ = true;
  Tend();
}

void Supervisor::OnOriginLost() {
  can_start_ = false;
  for (Seat& seat : seats_) {
    std::erase_if(seat.processes(), [](const ProcessHandle& each) { return each.pid() == 0; });
  }
}

// Asks for every process that is missing and may be started now.
void Supervisor::Tend() {
  if (!can_start_ || phase_ != Phase::kServing) return;
  in_turn_ = in_turn_ && std::ranges::any_of(seats_, [](const Seat& seat) {
               return seat.is_wanted() && seat.wants_replacement();
             });
  const int limit = in_turn_ ? 1 : std::max(1, CountWanted() / 4);
  int replacing = CountReplacing();
  asked_ = CountAsked();
  for (Seat& seat : seats_) TendSeat(seat, replacing, limit);
  if (!std::exchange(could_not_start_, false) || was_ready_) return;
  events_.failed_to_start(ToInt(ExitCode::kFailed));
}

void Supervisor::TendSeat(Seat& seat, int& replacing, int limit) {
  if (!seat.is_wanted() || !seat.MayStart(Clock::now())) return;
  std::vector<ProcessHandle>& processes = seat.processes();
  const bool has_room = processes.size() < (kind_.replacement == Replacement::kReadyFirst ? 2 : 1);
  if (seat.is_vacant()) {
    const bool may_come_back = kind_.replacement != Replacement::kNever || !seat.was_started();
    if (has_room && may_come_back) Start(seat);
    return;
  }
  if (!seat.wants_replacement() || processes.front().state() != State::kReady) return;
  if (replacing >= limit) return;
  if (kind_.replacement != Replacement::kReadyFirst) {
    ++replacing;
    Retire(processes.front(), Haste::kGraceful, kind_.stop.mercy);
  } else if (has_room) {
    ++replacing;
    Start(seat);
  }
}

int Supervisor::CountWanted() const {
  return static_cast<int>(std::ranges::count_if(seats_, &Seat::is_wanted));
}

// Seats whose next process is being made.
int Supervisor::CountReplacing() const {
  return static_cast<int>(std::ranges::count_if(seats_, [this](const Seat& seat) {
    if (kind_.replacement == Replacement::kReadyFirst) return seat.is_being_replaced();
    return seat.is_wanted() && seat.wants_replacement() &&
           (seat.processes().empty() || seat.processes().front().state() != State::kReady);
  }));
}

int Supervisor::CountAsked() const {
  int asked = 0;
  for (const Seat& seat : seats_) {
    for (const ProcessHandle& process : seat.processes()) asked += process.pid() == 0 ? 1 : 0;
  }
  return asked;
}

void Supervisor::Start(Seat& seat) {
  if (asked_ >= kMostAsked) {
    waits_for_answers_ = true;
    return;
  }
  auto ends = Link::Create();
  if (!ends) {
    LogError("{} {}: {}", kind_.name, seat.number(), ends.error().message);
    seat.WaitUntil(Clock::now() + kStartRetry);
    could_not_start_ = true;
    return;
  }
  const int slot = seat.FreeSlot();
  const double spread = std::uniform_real_distribution<double>(0, 1)(random_);
  ProcessHandle& process = seat.processes().emplace_back(
      seat.number(), slot, std::move(ends->first), spread, Clock::now());
  if (auto watching = process.Watch(loop_, events_.readable); !watching) {
    LogError("{} {}: {}", kind_.name, seat.number(), watching.error().message);
  }
  ++asked_;
  events_.start(seat.number(), slot, ends->second.Release());
}

void Supervisor::OnStartFailed(int number, int slot) {
  const ProcessHandle* const process = Find(number, slot);
  if (process == nullptr || process->pid() != 0) return;
  answered_at_ = Clock::now();
  --asked_;
  Seat& seat = SeatOf(*process);
  std::erase_if(seat.processes(), [slot](const auto& each) { return each.slot() == slot; });
  seat.WaitUntil(Clock::now() + kStartRetry);
  if (!seat.was_ready()) events_.failed_to_start(ToInt(ExitCode::kFailed));
}

void Supervisor::OnStarted(int number, int slot, pid_t pid) {
  if (pid <= 0) return;
  answered_at_ = Clock::now();
  ProcessHandle* const process = Find(number, slot);
  const bool is_child = os::IsChild(pid);
  if (process == nullptr || process->pid() != 0) {
    // Asked for before the zygote was given up.
    if (is_child) ::kill(pid, SIGKILL);
    return;
  }
  --asked_;
  const bool is_welcome = process->OnStarted(pid, Clock::now());
  if (SeatOf(*process).TakeFirstStart()) {
    LogInfo("spawned uWSGI {} {} (pid: {}{})", kind_.name, number, pid, kind_.spawn_note);
  } else {
    LogInfo("Respawned uWSGI {} {} (new pid: {})", kind_.name, number, pid);
  }
  // One that comes when the server stops has served nobody yet.
  if (!is_welcome && is_child) process->Kill();
  // It may have been reaped before anybody knew whose it was.
  if (!is_child) OnExit(pid, {});
  if (std::exchange(waits_for_answers_, false)) Tend();
}

// A message may lead to a start, but to no end of a process: what is listed here stays. One that
// was started since its origin was listened to may have said something already: that waits in its
// link until OnStarted was called.
void Supervisor::ReadLinks() {
  struct Reader {
    LinkWatcher* watcher;
    int seat;
    int slot;
  };
  std::vector<Reader> readers;
  for (Seat& seat : seats_) {
    for (ProcessHandle& process : seat.processes()) {
      if (process.pid() == 0) continue;
      readers.push_back({&process.watcher(), seat.number(), process.slot()});
    }
  }
  for (const Reader& reader : readers) {
    reader.watcher->Read(
        [&](const Message& message) { OnMessage(reader.seat, reader.slot, message); },
        events_.stray);
  }
}

void Supervisor::OnMessage(int seat, int slot, const Message& message) {
  ProcessHandle* const process = Find(seat, slot);
  UWSGI_CHECK(process != nullptr);
  const auto number = message.As<Number>();
  switch (message.kind) {
    case MessageKind::kReady:
      return OnReady(*process);
    case MessageKind::kRecycle:
      if (!number) break;
      return OnRecycleRequest(*process, static_cast<RecycleReason>(number->value));
    case MessageKind::kLoadFailed:
      if (!number) break;
      LogError("OOPS ! failed loading app in {} {} (pid {})", kind_.name, seat, process->pid());
      return;
    case MessageKind::kClockZone:
    case MessageKind::kSignal:
      return events_.message(message);
    default:
      break;
  }
  events_.stray({ErrorCode::kMalformed, "no " + kind_.name + " says that"});
}

void Supervisor::OnReady(ProcessHandle& ready) {
  if (!ready.OnReady(Clock::now())) return;
  Seat& seat = SeatOf(ready);
  seat.OnReady(ready);
  for (ProcessHandle& old : seat.processes()) {
    if (old.slot() == ready.slot() || !old.is_live()) continue;
    Retire(old, Haste::kGraceful, kind_.stop.mercy);
  }
  Tend();
  TellIfAllAreReady();
}

void Supervisor::TellIfAllAreReady() {
  const bool all = CountWanted() > 0 && std::ranges::all_of(seats_, [](const Seat& each) {
                     return each.was_ready() || !each.is_wanted();
                   });
  if (all && !std::exchange(was_ready_, true)) events_.ready();
}

void Supervisor::OnRecycleRequest(ProcessHandle& process, RecycleReason reason) {
  if (process.state() != State::kReady) return;
  Seat& seat = SeatOf(process);
  seat.WantReplacement();
  const bool at_once = reason >= RecycleReason::kHarakiri;
  const bool may_start = can_start_ && phase_ == Phase::kServing && seat.is_wanted() &&
                         kind_.replacement == Replacement::kReadyFirst;
  if (at_once && may_start && seat.processes().size() == 1) Start(seat);
  Tend();
}

bool Supervisor::OnExit(pid_t pid, const os::ExitStatus& status) {
  for (Seat& seat : seats_) {
    const auto found = std::ranges::find(seat.processes(), pid, &ProcessHandle::pid);
    if (found == seat.processes().end()) continue;
    const ProcessHandle process = std::move(*found);
    seat.processes().erase(found);
    kind_.on_gone(process);
    if (process.is_live()) {
      OnUnaskedEnd(seat, process, status);
    } else if (phase_ == Phase::kServing) {
      LogInfo("{} {} killed successfully (pid: {})", kind_.name, seat.number(), pid);
    } else {
      LogInfo("{} {} buried after {} seconds", kind_.name, seat.number(),
              SecondsSince(process.retiring_since()));
    }
    Tend();
    return true;
  }
  return false;
}

// It has crashed, or ended of its own accord, or somebody else has told it to go.
void Supervisor::OnUnaskedEnd(Seat& seat, const ProcessHandle& process,
                              const os::ExitStatus& status) {
  LogUnaskedEnd(seat, process, status);
  if (seat.OnUnaskedEnd(process, Clock::now(), kind_.restart.throttle)) {
    LogWarning("{} {} respawning too fast !!! i have to sleep a bit ({} seconds)...", kind_.name,
               seat.number(), kind_.restart.throttle.count());
  }
  if (process.state() != State::kStarting) return;
  const bool could_not_load = status.signal == 0 && status.code == ToInt(ExitCode::kAppLoadFailed);
  events_.failed_to_start(ToInt(could_not_load ? ExitCode::kAppLoadFailed : ExitCode::kFailed));
}

void Supervisor::LogUnaskedEnd(const Seat& seat, const ProcessHandle& process,
                               const os::ExitStatus& status) const {
  if (status.signal != 0) {
    LogError("DAMN ! {} {} (pid: {}) died, killed by signal {} :( trying respawn ...", kind_.name,
             seat.number(), process.pid(), status.signal);
    return;
  }
  if (status.code == ToInt(ExitCode::kReloading) || status.code == ToInt(ExitCode::kStopped)) {
    LogInfo("{} {} killed successfully (pid: {})", kind_.name, seat.number(), process.pid());
    return;
  }
  // One that asked to be replaced may end before its successor is ready.
  const bool is_replaced = seat.wants_replacement() && !seat.processes().empty();
  // What could not load has said so.
  const bool could_not_load =
      process.state() == State::kStarting && status.code == ToInt(ExitCode::kAppLoadFailed);
  if ((status.ok() && is_replaced) || could_not_load) return;
  LogError("DAMN ! {} {} (pid: {}) died :( trying respawn ...", kind_.name, seat.number(),
           process.pid());
}

void Supervisor::RecycleAll() {
  for (Seat& seat : seats_) seat.WantReplacement(Clock::now());
  Tend();
}

void Supervisor::RecycleInTurn() {
  in_turn_ = true;
  RecycleAll();
}

void Supervisor::Drain() {
  if (phase_ != Phase::kServing) return;
  phase_ = Phase::kDraining;
  for (Seat& seat : seats_) {
    for (ProcessHandle& process : seat.processes()) {
      if (process.is_live()) Retire(process, Haste::kGraceful, kind_.stop.drain_mercy);
    }
  }
}

void Supervisor::Stop() {
  phase_ = Phase::kStopping;
  for (Seat& seat : seats_) {
    for (ProcessHandle& process : seat.processes()) {
      Retire(process, Haste::kFast, kind_.stop.fast_mercy);
    }
  }
}

void Supervisor::Retire(ProcessHandle& process, Haste haste, std::chrono::milliseconds mercy) {
  // One that is not ready yet does not listen, and goes by the signal's default action.
  const bool listens = process.state() == State::kReady;
  process.Retire(Clock::now(), mercy);
  if (process.pid() == 0) return;
  const bool is_graceful = haste == Haste::kGraceful;
  if (is_graceful && listens && process.Tell({.kind = MessageKind::kRetire})) return;
  const int signum = is_graceful ? kind_.stop.graceful_signal : kind_.stop.fast_signal;
  kind_.on_told(process, signum);
  process.Signal(signum);
}

void Supervisor::OnTick() {
  const auto now = Clock::now();
  for (Seat& seat : seats_) {
    for (ProcessHandle& process : seat.processes()) CheckDeadlines(seat, process, now);
  }
  Tend();
}

void Supervisor::CheckDeadlines(Seat& seat, ProcessHandle& process, Clock::time_point now) {
  const bool may_be_due = process.state() == State::kReady && !seat.wants_replacement();
  if (may_be_due && kind_.is_due(process, now)) seat.WantReplacement();
  if (process.TakeEndOfMercy(now)) {
    if (phase_ != Phase::kStopping) {
      LogWarning("{} {} (pid: {}) is taking too much time to die...NO MERCY !!!", kind_.name,
                 seat.number(), process.pid());
    }
    return process.Kill();
  }
  if (process.TakeLateness(now, kind_.restart.patience)) {
    LogWarning(
        "{} {} (pid: {}) does not serve yet, {} seconds after its fork: a post-fork hook, or "
        "the import of lazy-apps, is not through",
        kind_.name, seat.number(), process.pid(), SecondsSince(process.started_at()));
  }
  if (process.pid() == 0 || process.was_killed()) return;
  if (kind_.is_stuck(process)) process.Kill();
}

std::optional<Supervisor::Clock::time_point> Supervisor::unanswered_since() const {
  std::optional<Clock::time_point> first;
  for (const Seat& seat : seats_) {
    for (const ProcessHandle& process : seat.processes()) {
      if (process.pid() != 0) continue;
      first = std::min(first.value_or(process.started_at()), process.started_at());
    }
  }
  // Requests are answered one after the other.
  return first ? std::optional(std::max(*first, answered_at_)) : first;
}

bool Supervisor::is_empty() const {
  return std::ranges::all_of(seats_, [](const Seat& seat) { return seat.processes().empty(); });
}

std::vector<int> Supervisor::slots() const {
  std::vector<int> all;
  for (const Seat& seat : seats_) {
    for (const ProcessHandle& process : seat.processes()) all.push_back(process.slot());
  }
  return all;
}

ProcessHandle* Supervisor::Find(int seat, int slot) {
  if (seat < 1 || seat > static_cast<int>(seats_.size())) return nullptr;
  return seats_[static_cast<std::size_t>(seat - 1)].Find(slot);
}

Seat& Supervisor::SeatOf(const ProcessHandle& process) {
  return seats_[static_cast<std::size_t>(process.seat() - 1)];
}

}  // namespace uwsgi
