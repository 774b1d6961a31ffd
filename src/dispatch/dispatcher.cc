// SPDX-License-Identifier: MIT

#include "dispatch/dispatcher.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/lasting_log.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

// A standby is armed at a request's start if more than a quarter of the last ones blocked.
constexpr int kBlockingOften = 64;
constexpr int kBlockingAlways = 256;
// CPython takes the right away from its holder after 5 ms if another thread waits for it. Letting
// go a bit earlier, between two requests, spares a request from being interrupted.
constexpr std::uint32_t kYieldAfterMs = 4;
constexpr std::int64_t kSwitchInterval = 5'000'000;  // Nanoseconds.
constexpr int kWatchdogsCore = -1;
// A lead that always finds a request ready looks at the loop after so many, or at the watchdog's
// next tick.
constexpr int kRequestsPerPoll = 64;

}  // namespace

Dispatcher::Dispatcher(const DispatcherOptions& options, Gateway& gateway, WorkSource& source,
                       Caretaker& caretaker)
    : options_(options),
      gateway_(gateway),
      source_(source),
      caretaker_(caretaker),
      watchdog_(baton_, caretaker, [this] {
        caretaker_.NoteStuck();
        ArmStandby(kWatchdogsCore);
      }) {
  caretaker_.OnFirstHeld([this] { watchdog_.Wake(); });
}

Dispatcher::~Dispatcher() = default;

int Dispatcher::threads_started() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(threads_.size());
}

int Dispatcher::threads_alive() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return CountAlive();
}

int Dispatcher::CountAlive() const {
  return static_cast<int>(
      std::ranges::count_if(threads_, [](const auto& thread) { return thread->is_alive; }));
}

Result<void> Dispatcher::Run() {
  threads_.push_back(std::make_unique<RequestThread>(0));
  RequestThread& self = *threads_.front();
  if (auto started = watchdog_.Start(); !started) return started;
  self.wake.release();
  ThreadMain(self);
  watchdog_.Stop();
  // Nobody starts threads any more: the watchdog and the lead are gone.
  for (const auto& thread : threads_) thread->thread.Join();
  trace_.Write(::getpid());
  return {};
}

void Dispatcher::ThreadMain(RequestThread& self) {
  self.tid = os::OwnThreadId();
  // To the system it keeps its name; the first one's is the process's, by which `pgrep -x uwsgi`
  // finds it. From Python 3.14 on a thread is renamed with its Python object.
  const std::string name = os::OwnThreadName();
  do {
    gateway_.AttachThread(self.core, options_.thread_name + std::to_string(self.core));
    os::SetThreadName(name);
    Serve(self);
    gateway_.DetachThread();
  } while (!Leave(self));
}

void Dispatcher::Serve(RequestThread& self) {
  while (Park(self)) {
    const std::int64_t asked = os::MonotonicNs();
    gateway_.Acquire();
    standby_armed_.store(false, std::memory_order_relaxed);
    if (baton_.TryTake()) {
      // Who waits longer takes the right by force, which tells nothing.
      if (os::MonotonicNs() - asked < kSwitchInterval) NoteWhetherBlocked(true);
      right_since_ = watchdog_.clock_ms();
      trace_.Note(TraceEvent::kLead, self.core);
      Lead(self);
    }
    gateway_.Release();
    trace_.Note(TraceEvent::kPark, self.core);
    const std::lock_guard<std::mutex> lock(mutex_);
    parked_.push_back(&self);
  }
}

bool Dispatcher::Park(RequestThread& self) {
  if (self.core == 0) {  // The process's first thread stays.
    self.wake.acquire();
  } else if (!self.wake.try_acquire_for(options_.spare_time)) {
    return false;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  return !stopping_;
}

// To get here may have taken long: detaching takes the execution right. Until now the thread was
// among the parked ones, so that nobody lacked it.
bool Dispatcher::Leave(RequestThread& self) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!stopping_ && std::erase(parked_, &self) == 0) return false;
  self.is_alive = false;
  return true;
}

void Dispatcher::Lead(RequestThread& self) {
  for (;;) {
    YieldIfDue();
    PollIfDue();
    const Work work = TakeWork();
    if (work.job == nullptr && work.request == nullptr && source_.done()) {
      StopThreads();
      baton_.Give();
      return;
    }
    bool kept = false;
    if (work.job != nullptr) {
      kept = RunJob(self, *work.job);
    } else {
      kept = work.request == nullptr ? WaitForWork(self) : RunApplication(self, *work.request);
    }
    if (!kept) return;
  }
}

Dispatcher::Work Dispatcher::TakeWork() {
  Work work;
  const bool is_requests_turn = std::exchange(ran_job_, false);
  if (!is_requests_turn) work.job = source_.TakeJob();
  if (work.job == nullptr) work.request = source_.TakeReady();
  if (is_requests_turn && work.request == nullptr) work.job = source_.TakeJob();
  ran_job_ = work.job != nullptr;
  return work;
}

void Dispatcher::PollIfDue() {
  if (++unpolled_ < kRequestsPerPoll && watchdog_.clock_ms() == polled_at_) return;
  source_.Poll(false);
  NotePolled();
}

void Dispatcher::NotePolled() {
  unpolled_ = 0;
  polled_at_ = watchdog_.clock_ms();
}

bool Dispatcher::WaitForWork(const RequestThread& self) {
  // A standby that waits for the right would get it, in vain if there is work.
  const bool contended = standby_armed_.load(std::memory_order_relaxed);
  if (std::exchange(busy_, false) && contended && source_.Poll(false)) {
    NotePolled();
    return true;
  }
  gateway_.Release();
  trace_.Note(TraceEvent::kWait, self.core);
  watchdog_.SetLeadWaiting(true);
  source_.Poll(true);
  watchdog_.SetLeadWaiting(false);
  // Getting the right may take long if the application's own threads compute: the loop
  // must not wait for that.
  GiveLoopAway(self);
  gateway_.Acquire();
  if (!baton_.TryTake()) return false;
  trace_.Note(TraceEvent::kLead, self.core);
  right_since_ = watchdog_.clock_ms();
  NotePolled();
  return true;
}

void Dispatcher::GiveLoopAway(const RequestThread& self) {
  watchdog_.NoteLead(self.tid);
  baton_.Give();
  watchdog_.Wake();
}

void Dispatcher::LetGo(const RequestThread& self) {
  const bool expect_blocking = gateway_.is_parallel() || blocking_ > kBlockingOften;
  GiveLoopAway(self);
  if (expect_blocking) {
    caretaker_.NoteStuck();
    ArmStandby(self.core);
  }
  trace_.Note(TraceEvent::kApplication, self.core);
}

// How long it waits says nothing of requests.
bool Dispatcher::RunJob(const RequestThread& self, Job& job) {
  LetGo(self);
  job.Run(gateway_);
  if (!baton_.TryTake()) {
    trace_.Note(TraceEvent::kLost, self.core);
    return false;
  }
  trace_.Note(TraceEvent::kDone, self.core);
  busy_ = true;
  return true;
}

bool Dispatcher::RunApplication(RequestThread& self, ReadyRequest& request) {
  request.Start(self.core);
  LetGo(self);
  self.meter.Begin();
  gateway_.Handle(request.exchange());

  const bool has_waited = self.meter.End(request.Conclude());
  if (!baton_.TryTake()) {
    trace_.Note(TraceEvent::kLost, self.core);
    request.Return();
    return false;
  }
  trace_.Note(TraceEvent::kDone, self.core);
  // With a standby it may have been the execution right that it waited for.
  NoteWhetherBlocked(has_waited && !standby_armed_.load(std::memory_order_relaxed));
  busy_ = true;
  request.Finish();
  return true;
}

void Dispatcher::YieldIfDue() {
  if (!standby_armed_.load(std::memory_order_relaxed)) return;
  if (watchdog_.clock_ms() - right_since_ < kYieldAfterMs) return;
  gateway_.Release();
  gateway_.Acquire();
  right_since_ = watchdog_.clock_ms();
}

void Dispatcher::ArmStandby(int by) {
  if (standby_armed_.load(std::memory_order_relaxed)) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_ || standby_armed_.load(std::memory_order_relaxed)) return;
  RequestThread* standby = TakeParkedOrNew();
  if (standby == nullptr) return;
  standby_armed_.store(true, std::memory_order_relaxed);
  trace_.Note(TraceEvent::kArmed, by);
  standby->wake.release();
}

Dispatcher::RequestThread* Dispatcher::TakeParkedOrNew() {
  if (!parked_.empty()) {
    RequestThread* thread = parked_.back();
    parked_.pop_back();
    return thread;
  }
  RequestThread* free = FindFreeCore();
  if (free == nullptr) return nullptr;
  free->thread.Join();  // It has left, if it ever was.
  const auto started = free->thread.Start(options_.thread_name + std::to_string(free->core),
                                          options_.stack_size, [this, free] { ThreadMain(*free); });
  free->is_alive = started.ok();
  if (free->is_alive) return free;
  LogLasting(LogLevel::kError,
             "{}; the worker goes on with {} threads (see --threads and the limits of processes "
             "and memory)",
             started.error().message, CountAlive());
  return nullptr;
}

Dispatcher::RequestThread* Dispatcher::FindFreeCore() {
  const auto found =
      std::ranges::find_if(threads_, [](const auto& thread) { return !thread->is_alive; });
  if (found != threads_.end()) return found->get();
  const int core = static_cast<int>(threads_.size());
  if (core >= options_.threads) return nullptr;
  threads_.push_back(std::make_unique<RequestThread>(core));
  return threads_.back().get();
}

void Dispatcher::NoteWhetherBlocked(bool blocked) {
  blocking_ += ((blocked ? kBlockingAlways : 0) - blocking_) / 8;
}

void Dispatcher::StopThreads() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stopping_ = true;
  for (const auto& thread : threads_) thread->wake.release();
}

}  // namespace uwsgi
