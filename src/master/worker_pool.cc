// SPDX-License-Identifier: MIT

#include "master/worker_pool.h"

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

using State = WorkerHandle::State;

constexpr std::chrono::milliseconds kStopMercy{1000};
constexpr std::chrono::seconds kForkRetry{1};
// Lets the worker's own harakiri, which answers the client, go first.
constexpr std::chrono::seconds kHarakiriMargin{2};

long SecondsSince(WorkerHandle::Clock::time_point start) {
  const auto passed = WorkerHandle::Clock::now() - start;
  return static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(passed).count());
}

}  // namespace

WorkerPool::WorkerPool(os::EventLoop& loop, const Settings& settings, Events events,
                       Scoreboard& scoreboard)
    : loop_(loop),
      settings_(settings),
      events_(std::move(events)),
      scoreboard_(scoreboard),
      random_(static_cast<unsigned>(::getpid()) ^ static_cast<unsigned>(os::MonotonicNs())) {
  for (int id = 1; id <= scoreboard.workers(); ++id) {
    seats_.emplace_back().worker_id = id;
  }
}

void WorkerPool::OnZygoteLoaded() {
  can_fork_ = true;
  Tend();
}

void WorkerPool::OnZygoteLost() {
  can_fork_ = false;
  for (Seat& seat : seats_) {
    std::erase_if(seat.handles, [](const WorkerHandle& handle) { return handle.pid == 0; });
  }
}

// Asks for every process that is missing and may be forked now.
void WorkerPool::Tend() {
  if (!can_fork_ || phase_ != Phase::kServing) return;
  in_turn_ = in_turn_ && std::any_of(seats_.begin(), seats_.end(),
                                     [](const Seat& seat) { return seat.wants_recycling; });
  const int limit = in_turn_ ? 1 : std::max(1, static_cast<int>(seats_.size()) / 4);
  int recycling = CountRecycling();
  bool has_failed = false;
  for (Seat& seat : seats_) {
    if (seat.handles.size() == 2 || Clock::now() < seat.not_before) continue;
    const bool is_vacant = std::none_of(seat.handles.begin(), seat.handles.end(),
                                        [](const WorkerHandle& each) { return each.is_live(); });
    if (is_vacant) {
      has_failed = !Fork(seat) || has_failed;
    } else if (seat.wants_recycling && seat.handles.front().state == State::kReady &&
               recycling < limit) {
      ++recycling;
      Fork(seat);
    }
  }
  if (has_failed && !was_ready_) events_.failed_to_start(ToInt(ExitCode::kFailed));
}

// Workers whose replacement is being made.
int WorkerPool::CountRecycling() const {
  return static_cast<int>(std::count_if(seats_.begin(), seats_.end(), [](const Seat& seat) {
    return seat.handles.size() == 2 && seat.handles[0].is_live() && seat.handles[1].is_live();
  }));
}

bool WorkerPool::Fork(Seat& seat) {
  auto ends = Link::Create();
  if (!ends) {
    LogError("worker {}: {}", seat.worker_id, ends.error().message);
    seat.not_before = Clock::now() + kForkRetry;
    return false;
  }
  const int first = (seat.worker_id - 1) * 2;
  const bool first_is_taken = !seat.handles.empty() && seat.handles.front().slot == first;
  WorkerHandle handle;
  handle.worker_id = seat.worker_id;
  handle.slot = first_is_taken ? first + 1 : first;
  handle.forked_at = Clock::now();
  handle.link = std::make_unique<WorkerLink>(std::move(ends->first));
  WorkerLink& link = *handle.link;
  if (auto watching = link.watcher.Start(loop_, link.link, events_.readable); !watching) {
    LogError("worker {}: {}", seat.worker_id, watching.error().message);
  }
  const int slot = handle.slot;
  seat.handles.push_back(std::move(handle));
  events_.fork(seat.worker_id, slot, ends->second.Release());
  return true;
}

void WorkerPool::OnForkFailed(int worker_id, const ForkAnswer& answer) {
  const WorkerHandle* const handle = FindSlot(worker_id, answer.request.slot);
  if (handle == nullptr || handle->pid != 0) return;
  answered_at_ = Clock::now();
  Seat& seat = SeatOf(worker_id);
  seat.handles.erase(seat.handles.begin() + (handle - seat.handles.data()));
  seat.not_before = Clock::now() + kForkRetry;
  if (!seat.was_ready) events_.failed_to_start(ToInt(ExitCode::kFailed));
}

void WorkerPool::OnForked(int worker_id, const ForkAnswer& answer) {
  if (answer.pid <= 0) return;
  answered_at_ = Clock::now();
  WorkerHandle* handle = FindSlot(worker_id, answer.request.slot);
  const bool is_child = os::IsChild(answer.pid);
  if (handle == nullptr || handle->pid != 0) {
    // Asked for before the zygote was given up.
    if (is_child) ::kill(answer.pid, SIGKILL);
    return;
  }
  handle->pid = answer.pid;
  handle->forked_at = Clock::now();
  Seat& seat = SeatOf(worker_id);
  if (std::exchange(seat.was_spawned, true)) {
    LogInfo("Respawned uWSGI worker {} (new pid: {})", seat.worker_id, handle->pid);
  } else {
    LogInfo("spawned uWSGI worker {} (pid: {}, cores: {})", seat.worker_id, handle->pid,
            scoreboard_.threads());
  }
  if (handle->state == State::kRequested) {
    handle->state = State::kStarting;
  } else if (is_child) {
    ::kill(handle->pid, SIGKILL);  // The server stops: it has served nobody yet.
  }
  // It may have been reaped before anybody knew whose it was.
  if (!is_child) OnExit(handle->pid, {});
}

// A message may lead to a fork, but to no end of a process: what is listed here stays.
void WorkerPool::ReadLinks() {
  struct Reader {
    LinkWatcher* watcher;
    int worker_id;
    int slot;
  };
  std::vector<Reader> readers;
  for (const Seat& seat : seats_) {
    for (const WorkerHandle& handle : seat.handles) {
      readers.push_back({&handle.link->watcher, handle.worker_id, handle.slot});
    }
  }
  for (const Reader& reader : readers) {
    reader.watcher->Read(
        [&](const Message& message) { OnMessage(reader.worker_id, reader.slot, message); },
        events_.stray);
  }
}

void WorkerPool::OnMessage(int worker_id, int slot, const Message& message) {
  WorkerHandle* const handle = FindSlot(worker_id, slot);
  UWSGI_CHECK(handle != nullptr);
  const auto number = message.As<Number>();
  switch (message.kind) {
    case MessageKind::kReady:
      return OnReady(*handle);
    case MessageKind::kRecycle:
      if (!number) break;
      return OnRecycleRequest(*handle, static_cast<RecycleReason>(number->value));
    case MessageKind::kLoadFailed:
      if (!number) break;
      LogError("OOPS ! failed loading app in worker {} (pid {})", worker_id, handle->pid);
      return;
    case MessageKind::kClockZone:
    case MessageKind::kSignal:
      return events_.message(message);
    default:
      break;
  }
  events_.stray({ErrorCode::kMalformed, "a worker does not say that"});
}

void WorkerPool::OnReady(WorkerHandle& ready) {
  if (ready.state != State::kStarting) return;
  ready.state = State::kReady;
  if (settings_.max_lifetime.count() > 0) {
    // Workers that started together must not end together.
    const auto lifetime = std::chrono::milliseconds(settings_.max_lifetime);
    std::uniform_int_distribution<std::int64_t> jitter(0, lifetime.count() / 10);
    ready.recycle_at = Clock::now() + lifetime + std::chrono::milliseconds(jitter(random_));
  }
  Seat& seat = SeatOf(ready.worker_id);
  seat.was_ready = true;
  for (WorkerHandle& old : seat.handles) {
    if (old.slot == ready.slot || !old.is_live()) continue;
    // Asked again meanwhile: lazy applications may have been loaded before the reason was there.
    seat.wants_recycling = ready.forked_at < seat.asked_at;
    Retire(old, SIGHUP, settings_.mercy);
  }
  Tend();
  const bool all =
      std::all_of(seats_.begin(), seats_.end(), [](const Seat& each) { return each.was_ready; });
  if (all && !std::exchange(was_ready_, true)) events_.ready();
}

void WorkerPool::OnRecycleRequest(WorkerHandle& handle, RecycleReason reason) {
  if (handle.state != State::kReady) return;
  Seat& seat = SeatOf(handle.worker_id);
  seat.wants_recycling = true;
  const bool at_once = reason >= RecycleReason::kHarakiri;
  if (at_once && can_fork_ && phase_ == Phase::kServing && seat.handles.size() == 1) Fork(seat);
  Tend();
}

bool WorkerPool::OnExit(pid_t pid, const os::ExitStatus& status) {
  for (Seat& seat : seats_) {
    const auto found = std::find_if(seat.handles.begin(), seat.handles.end(),
                                    [&](const WorkerHandle& each) { return each.pid == pid; });
    if (found == seat.handles.end()) continue;
    const WorkerHandle handle = std::move(*found);
    seat.handles.erase(found);
    ResetProcess(scoreboard_, handle.slot);
    if (handle.state != State::kRetiring) {
      OnCrash(seat, handle, status);
    } else if (phase_ == Phase::kServing) {
      LogInfo("worker {} killed successfully (pid: {})", handle.worker_id, pid);
    } else {
      LogInfo("worker {} buried after {} seconds", handle.worker_id,
              SecondsSince(handle.retiring_since));
    }
    Tend();
    return true;
  }
  return false;
}

void WorkerPool::OnCrash(Seat& seat, const WorkerHandle& handle, const os::ExitStatus& status) {
  // A worker that asked to be replaced may end before its replacement is ready.
  const bool is_replaced = seat.wants_recycling && !seat.handles.empty();
  const bool could_not_load = handle.state == State::kStarting && status.signal == 0 &&
                              status.code == ToInt(ExitCode::kAppLoadFailed);
  const bool was_told_to_go = status.signal == 0 && (status.code == ToInt(ExitCode::kReloading) ||
                                                     status.code == ToInt(ExitCode::kStopped));
  if (was_told_to_go) {
    LogInfo("worker {} killed successfully (pid: {})", handle.worker_id, handle.pid);
  } else if (status.signal != 0) {
    LogError("DAMN ! worker {} (pid: {}) died, killed by signal {} :( trying respawn ...",
             handle.worker_id, handle.pid, status.signal);
  } else if (!(status.ok() && is_replaced) && !could_not_load) {
    LogError("DAMN ! worker {} (pid: {}) died :( trying respawn ...", handle.worker_id, handle.pid);
  }
  if (handle.state == State::kReady) seat.wants_recycling = false;
  const auto now = Clock::now();
  if (settings_.forkbomb_delay.count() > 0 && now - seat.last_respawn < settings_.forkbomb_delay) {
    LogWarning("worker {} respawning too fast !!! i have to sleep a bit ({} seconds)...",
               handle.worker_id, settings_.forkbomb_delay.count());
    seat.not_before = now + settings_.forkbomb_delay;
  }
  seat.last_respawn = std::max(now, seat.not_before);
  if (handle.state == State::kStarting) {
    events_.failed_to_start(ToInt(could_not_load ? ExitCode::kAppLoadFailed : ExitCode::kFailed));
  }
}

void WorkerPool::RecycleAll() {
  for (Seat& seat : seats_) {
    seat.wants_recycling = true;
    seat.asked_at = Clock::now();
  }
  Tend();
}

void WorkerPool::RecycleInTurn() {
  in_turn_ = true;
  RecycleAll();
}

void WorkerPool::Drain() {
  if (phase_ != Phase::kServing) return;
  phase_ = Phase::kDraining;
  for (Seat& seat : seats_) {
    for (WorkerHandle& handle : seat.handles) {
      if (handle.is_live()) Retire(handle, SIGHUP, settings_.drain_mercy);
    }
  }
}

void WorkerPool::Stop() {
  phase_ = Phase::kStopping;
  for (Seat& seat : seats_) {
    for (WorkerHandle& handle : seat.handles) Retire(handle, SIGINT, kStopMercy);
  }
}

void WorkerPool::Retire(WorkerHandle& handle, int signum, std::chrono::milliseconds mercy) {
  const bool was_ready = handle.state == State::kReady;
  if (handle.is_live()) handle.retiring_since = Clock::now();
  handle.state = State::kRetiring;
  handle.kill_at = Clock::now() + mercy;
  if (handle.pid == 0) return;
  // One that does not serve yet goes by the signal's default action.
  const bool may_listen = signum == SIGHUP && was_ready;
  if (may_listen && handle.link->link.Send({.kind = MessageKind::kRetire})) return;
  scoreboard_.process(handle.slot).told = signum;
  ::kill(handle.pid, signum);
}

void WorkerPool::OnTick() {
  const auto now = Clock::now();
  for (Seat& seat : seats_) {
    for (WorkerHandle& handle : seat.handles) {
      if (handle.recycle_at && now >= *handle.recycle_at && !seat.wants_recycling) {
        LogInfo("worker {} lifetime reached, it was running for {} second(s)", handle.worker_id,
                SecondsSince(handle.forked_at));
        handle.recycle_at.reset();
        seat.wants_recycling = true;
      }
      CheckDeadlines(handle, now);
    }
  }
  Tend();
}

void WorkerPool::CheckDeadlines(WorkerHandle& handle, Clock::time_point now) {
  if (handle.pid == 0) return;
  if (handle.kill_at && now >= *handle.kill_at) {
    handle.kill_at.reset();
    if (phase_ != Phase::kStopping) {
      LogWarning("worker {} (pid: {}) is taking too much time to die...NO MERCY !!!",
                 handle.worker_id, handle.pid);
    }
    ::kill(handle.pid, SIGKILL);
    return;
  }
  if (handle.state == State::kStarting && !handle.is_late &&
      now - handle.forked_at >= settings_.start_patience) {
    handle.is_late = true;
    LogWarning(
        "worker {} (pid: {}) does not serve yet, {} seconds after its fork: a post-fork hook, or "
        "the import of lazy-apps, is not through",
        handle.worker_id, handle.pid, SecondsSince(handle.forked_at));
  }
  if (!handle.is_killed) CheckHarakiri(handle);
}

// A worker ends itself when a request exceeds its deadline. One that can not is ended here.
void WorkerPool::CheckHarakiri(WorkerHandle& handle) {
  const auto grace = std::chrono::nanoseconds(settings_.harakiri_grace + kHarakiriMargin).count();
  const auto forked_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(handle.forked_at.time_since_epoch());
  for (int core = 0; core < scoreboard_.threads(); ++core) {
    const std::int64_t deadline = scoreboard_.thread(handle.slot, core).deadline_ns;
    // No request of a process was due before it was forked.
    if (deadline < forked_ns.count() || os::MonotonicNs() - grace < deadline) continue;
    LogError("*** HARAKIRI ON WORKER {} (pid: {}, try: 1) *** core {} does not end its request",
             handle.worker_id, handle.pid, core);
    ++scoreboard_.counters(handle.worker_id).harakiri_count;
    handle.is_killed = true;
    ::kill(handle.pid, SIGKILL);
    return;
  }
}

std::optional<WorkerPool::Clock::time_point> WorkerPool::unanswered_since() const {
  std::optional<Clock::time_point> first;
  for (const Seat& seat : seats_) {
    for (const WorkerHandle& handle : seat.handles) {
      if (handle.pid == 0 && (!first || handle.forked_at < *first)) first = handle.forked_at;
    }
  }
  // It answers one after the other.
  return first ? std::optional(std::max(*first, answered_at_)) : first;
}

bool WorkerPool::is_empty() const {
  return std::all_of(seats_.begin(), seats_.end(),
                     [](const Seat& seat) { return seat.handles.empty(); });
}

std::vector<int> WorkerPool::slots() const {
  std::vector<int> all;
  for (const Seat& seat : seats_) {
    for (const WorkerHandle& handle : seat.handles) all.push_back(handle.slot);
  }
  return all;
}

WorkerPool::Seat& WorkerPool::SeatOf(int worker_id) {
  UWSGI_CHECK(worker_id >= 1 && worker_id <= static_cast<int>(seats_.size()));
  return seats_[static_cast<std::size_t>(worker_id - 1)];
}

WorkerHandle* WorkerPool::FindSlot(int worker_id, int slot) {
  if (worker_id < 1 || worker_id > static_cast<int>(seats_.size())) return nullptr;
  for (WorkerHandle& handle : SeatOf(worker_id).handles) {
    if (handle.slot == slot) return &handle;
  }
  return nullptr;
}

}  // namespace uwsgi
