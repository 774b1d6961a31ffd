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

WorkerPool::WorkerPool(const Settings& settings, Events events, Scoreboard& scoreboard)
    : settings_(settings),
      events_(std::move(events)),
      scoreboard_(scoreboard),
      random_(static_cast<unsigned>(::getpid()) ^ static_cast<unsigned>(os::MonotonicNs())) {
  for (int id = 1; id <= scoreboard.workers(); ++id) {
    seats_.emplace_back().worker_id = id;
  }
}

void WorkerPool::Start() { OnZygoteLoaded(); }

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
  for (Seat& seat : seats_) {
    if (seat.handles.size() == 2 || Clock::now() < seat.not_before) continue;
    const bool is_vacant = std::none_of(seat.handles.begin(), seat.handles.end(),
                                        [](const WorkerHandle& each) { return each.is_live(); });
    if (is_vacant) {
      Fork(seat);
    } else if (seat.wants_recycling && seat.handles.front().state == State::kReady &&
               recycling < limit) {
      ++recycling;
      Fork(seat);
    }
  }
}

// Workers whose replacement is being made.
int WorkerPool::CountRecycling() const {
  return static_cast<int>(std::count_if(seats_.begin(), seats_.end(), [](const Seat& seat) {
    return seat.handles.size() == 2 && seat.handles[0].is_live() && seat.handles[1].is_live();
  }));
}

void WorkerPool::Fork(Seat& seat) {
  const int first = (seat.worker_id - 1) * 2;
  const bool first_is_taken = !seat.handles.empty() && seat.handles.front().slot == first;
  WorkerHandle handle;
  handle.worker_id = seat.worker_id;
  handle.slot = first_is_taken ? first + 1 : first;
  handle.forked_at = Clock::now();
  seat.handles.push_back(handle);
  events_.fork(handle.worker_id, handle.slot);
}

void WorkerPool::OnMessage(const Message& message) {
  if (message.worker_id < 1 || message.worker_id > static_cast<int>(seats_.size())) return;
  switch (message.kind) {
    case MessageKind::kForked:
      answered_at_ = Clock::now();
      return OnForked(message);
    case MessageKind::kForkFailed: {
      answered_at_ = Clock::now();
      Seat& seat = SeatOf(message.worker_id);
      std::erase_if(seat.handles, [&](const WorkerHandle& handle) {
        return handle.slot == message.slot && handle.pid == 0;
      });
      seat.not_before = Clock::now() + kForkRetry;
      if (!seat.was_ready) events_.failed_to_start(ToInt(ExitCode::kFailed));
      return;
    }
    case MessageKind::kWorkerReady:
      return OnReady(message);
    case MessageKind::kWorkerRecycle:
      return OnRecycleRequest(message);
    case MessageKind::kWorkerFailed:
      LogError("OOPS ! failed loading app in worker {} (pid {})", message.worker_id, message.pid);
      return;
    default:
      return;
  }
}

void WorkerPool::OnForked(const Message& message) {
  if (message.pid <= 0) return;
  WorkerHandle* handle = FindSlot(message.worker_id, message.slot);
  const bool is_child = os::IsChild(message.pid);
  if (handle == nullptr || handle->pid != 0) {
    // Asked for before the zygote was given up.
    if (is_child) ::kill(message.pid, SIGKILL);
    return;
  }
  handle->pid = message.pid;
  handle->forked_at = Clock::now();
  Seat& seat = SeatOf(message.worker_id);
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

void WorkerPool::OnReady(const Message& message) {
  WorkerHandle* handle = FindSlot(message.worker_id, message.slot);
  if (handle == nullptr || handle->pid != message.pid || handle->state != State::kStarting) return;
  handle->state = State::kReady;
  if (settings_.max_lifetime.count() > 0) {
    // Workers that started together must not end together.
    const auto lifetime = std::chrono::milliseconds(settings_.max_lifetime);
    std::uniform_int_distribution<std::int64_t> jitter(0, lifetime.count() / 10);
    handle->recycle_at = Clock::now() + lifetime + std::chrono::milliseconds(jitter(random_));
  }
  Seat& seat = SeatOf(message.worker_id);
  seat.was_ready = true;
  for (WorkerHandle& old : seat.handles) {
    if (old.slot == handle->slot || !old.is_live()) continue;
    // Asked again meanwhile: lazy applications may have been loaded before the reason was there.
    seat.wants_recycling = handle->forked_at < seat.asked_at;
    Retire(old, SIGHUP, settings_.mercy);
  }
  Tend();
  const bool all =
      std::all_of(seats_.begin(), seats_.end(), [](const Seat& each) { return each.was_ready; });
  if (all && !std::exchange(was_ready_, true)) events_.ready();
}

void WorkerPool::OnRecycleRequest(const Message& message) {
  WorkerHandle* handle = FindSlot(message.worker_id, message.slot);
  if (handle == nullptr || handle->pid != message.pid || handle->state != State::kReady) return;
  Seat& seat = SeatOf(message.worker_id);
  seat.wants_recycling = true;
  const bool at_once = static_cast<RecycleReason>(message.value) >= RecycleReason::kHarakiri;
  if (at_once && can_fork_ && phase_ == Phase::kServing && seat.handles.size() == 1) Fork(seat);
  Tend();
}

bool WorkerPool::OnExit(pid_t pid, const os::ExitStatus& status) {
  for (Seat& seat : seats_) {
    const auto found = std::find_if(seat.handles.begin(), seat.handles.end(),
                                    [&](const WorkerHandle& each) { return each.pid == pid; });
    if (found == seat.handles.end()) continue;
    const WorkerHandle handle = *found;
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
  if (handle.is_live()) handle.retiring_since = Clock::now();
  handle.state = State::kRetiring;
  handle.kill_at = Clock::now() + mercy;
  if (handle.pid == 0) return;
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
  for (const WorkerHandle& handle : handles()) {
    if (handle.pid == 0 && (!first || handle.forked_at < *first)) first = handle.forked_at;
  }
  // It answers one after the other.
  return first ? std::optional(std::max(*first, answered_at_)) : first;
}

bool WorkerPool::is_empty() const {
  return std::all_of(seats_.begin(), seats_.end(),
                     [](const Seat& seat) { return seat.handles.empty(); });
}

std::vector<WorkerHandle> WorkerPool::handles() const {
  std::vector<WorkerHandle> all;
  for (const Seat& seat : seats_) {
    all.insert(all.end(), seat.handles.begin(), seat.handles.end());
  }
  return all;
}

WorkerPool::Seat& WorkerPool::SeatOf(int worker_id) {
  UWSGI_CHECK(worker_id >= 1 && worker_id <= static_cast<int>(seats_.size()));
  return seats_[static_cast<std::size_t>(worker_id - 1)];
}

WorkerHandle* WorkerPool::FindSlot(int worker_id, int slot) {
  for (WorkerHandle& handle : SeatOf(worker_id).handles) {
    if (handle.slot == slot) return &handle;
  }
  return nullptr;
}

}  // namespace uwsgi
