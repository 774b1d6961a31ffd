// SPDX-License-Identifier: MIT
//
// Runs a worker's requests, and its jobs between them, on its threads, so that nothing is
// handed from thread to thread unless the application blocks.
//
// Exactly one thread, the lead, owns the event loop; when it finds a complete request it runs
// the application itself. Before the call it gives the loop away, after it, it takes the loop
// back, which nobody has touched if the application did not block: one atomic store and
// one exchange. If it did block, the standby got the execution right, took the loop and is
// the lead now; the old one finishes its request, returns the connection and parks.
//
//   parked --ArmStandby--> standby --gets the right, loop free--> lead
//      ^                      | loop owned: nothing to do            | runs the application
//      |                      v                                      v
//      +----------------------+<------- loop taken meanwhile ---- in the application
//
// Request threads are made when needed, up to `threads`, and end when nobody has needed them for a
// while; the thread that calls Run is the first, and with one thread it runs every request. The
// watchdog, one thread more, keeps the loop alive when all of them are inside the application.
// docs/architecture.md tells why.

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include "base/result.h"
#include "dispatch/baton_trace.h"
#include "dispatch/caretaker.h"
#include "dispatch/loop_baton.h"
#include "dispatch/wait_meter.h"
#include "dispatch/watchdog.h"
#include "dispatch/work_source.h"
#include "os/thread.h"
#include "uwsgi/gateway.h"

namespace uwsgi {

struct DispatcherOptions {
  int threads = 1;             // Requests that may run at once.
  std::size_t stack_size = 0;  // Of request threads, in bytes; 0: the system's default.
  std::string thread_name = "uWSGIWorker1Core";  // The core's number is appended.
  std::chrono::milliseconds spare_time{60'000};  // A thread that is not needed for so long ends.
};

class Dispatcher {
 public:
  // All outlive the dispatcher. `source` and `caretaker` are one loop.
  Dispatcher(const DispatcherOptions& options, Gateway& gateway, WorkSource& source,
             Caretaker& caretaker);
  ~Dispatcher();

  // Serves until the source is done. The calling thread is the first request thread; the
  // execution right must be free. Returns when every other thread has ended.
  Result<void> Run();

  // Most of the threads that there were at once; how many there are now.
  int threads_started() const;
  int threads_alive() const;

 private:
  struct RequestThread {
    explicit RequestThread(int number) : core(number) {}
    const int core;
    std::counting_semaphore<> wake{0};
    pid_t tid = 0;    // Set by the thread itself,
    WaitMeter meter;  // which alone uses this.
    os::Thread thread;
    bool is_alive = true;  // Guarded by the dispatcher's mutex_.
  };

  void ThreadMain(RequestThread& self);
  // Serves until the worker stops, or nobody needs the thread.
  void Serve(RequestThread& self);
  // Parks until woken as standby; false when the worker stops, or nobody needs the thread.
  bool Park(RequestThread& self);
  // The thread is about to end. False if it has been woken meanwhile.
  bool Leave(RequestThread& self);
  // Owns the loop and the execution right; returns with the right, when the loop is lost.
  void Lead(RequestThread& self);
  // What the lead does next: one of the two, or neither.
  struct Work {
    std::unique_ptr<Job> job;
    ReadyRequest* request = nullptr;
  };
  // Jobs and requests take turns where there are many of both.
  Work TakeWork();
  // So that connections which always have a request ready do not keep the loop from the others.
  void PollIfDue();
  void NotePolled();
  // Returns whether the loop is still ours.
  bool WaitForWork(const RequestThread& self);
  void GiveLoopAway(const RequestThread& self);
  // The application is about to be called: the loop is whoever's comes for it.
  void LetGo(const RequestThread& self);
  bool RunApplication(RequestThread& self, ReadyRequest& request);
  bool RunJob(const RequestThread& self, Job& job);
  // Lets the standby or a thread of the application have the right, between requests.
  void YieldIfDue();
  // Wakes a parked thread, or makes one, to wait for the execution right. `by` is the core
  // that asks, for the trace.
  void ArmStandby(int by);
  RequestThread* TakeParkedOrNew();
  // A core that has no thread, or null if all have one.
  RequestThread* FindFreeCore();
  // With mutex_ held.
  int CountAlive() const;
  void NoteWhetherBlocked(bool blocked);
  void StopThreads();

  const DispatcherOptions options_;
  Gateway& gateway_;
  WorkSource& source_;
  Caretaker& caretaker_;
  [[no_unique_address]] DispatcherTrace trace_;
  LoopBaton baton_;
  Watchdog watchdog_;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<RequestThread>> threads_;  // By core; guarded by mutex_.
  std::vector<RequestThread*> parked_;                   // Last in, first out; guarded.
  bool stopping_ = false;                                // Guarded.
  std::atomic<bool> standby_armed_{false};               // Written under mutex_.

  // The owner's: how many of the last requests let go of the execution right by themselves,
  // 0 to 256, as a moving average.
  int blocking_ = 0;
  // The lead's: it found work on the last look, so look again before waiting.
  bool busy_ = false;
  // The lead's: what it did last was a job.
  bool ran_job_ = false;
  // The lead's: requests since it looked at the loop, and the watchdog's clock at that time.
  int unpolled_ = 0;
  std::uint32_t polled_at_ = 0;
  // The lead's: the watchdog's clock when it got the execution right.
  std::uint32_t right_since_ = 0;
};

}  // namespace uwsgi
