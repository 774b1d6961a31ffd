// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "compression/options.h"
#include "dispatch/caretaker.h"
#include "dispatch/job_queue.h"
#include "dispatch/work_source.h"
#include "exchange/options.h"
#include "ipc/worker_context.h"
#include "log/request_log.h"
#include "net/acceptor.h"
#include "net/connection_handoff.h"
#include "net/deadline_queue.h"
#include "net/options.h"
#include "net/waiter.h"
#include "os/event_loop.h"
#include "os/exclusive_poller.h"
#include "static_files/app_files.h"
#include "static_files/static_files.h"
#include "tls/server_context.h"
#include "worker/accept_restraint.h"
#include "worker/connection.h"
#include "worker/connection_services.h"
#include "worker/request_accounting.h"

namespace uwsgi {

// kProgress: for the next byte of a body, or a client that takes something of a response.
// The last three are a websocket's: for a byte without being asked, after a ping, and for the
// answer to a close frame.
enum class DeadlineKind {
  kHead,
  kIdle,
  kProgress,
  kHttpProgress,
  kLinger,
  kLastChance,
  kPing,
  kPong,
  kClosing,
};

// The connections of a worker: accepts them, and lets each read, run, drain and close, when it is
// its turn. Everything here is the loop owner's, except where a comment says otherwise.
class ConnectionReactor final : public WorkSource, public Caretaker {
 public:
  struct Settings {
    const RequestOptions& options;  // These outlive the reactor.
    const PeerOptions& peers;
    const CompressionOptions& compression;
    const WebSocketOptions& websockets;
    int threads;
    const GenerationContext& generation;
    const StaticFiles& static_files;
    const AppFiles& app_files;
    const tls::ServerContexts& tls;
    RequestAccounting& accounting;
    RequestLog& request_log;
    Waiter& waiter;
    AcceptRestraint& restraint;
    // The application has closed what the loop waits by. Does not return.
    std::function<void()> on_broken;
  };
  static Result<std::unique_ptr<ConnectionReactor>> Create(const Settings& settings);
  ~ConnectionReactor();

  // Stops accepting, finishes what is there, and is done. With `serve_queued` it also takes
  // those who wait in the kernel's queue already: this may be the last worker.
  void Drain(bool serve_queued);
  int open_connections() const { return static_cast<int>(open_); }
  // Stops without finishing what is under way: closes every connection. No request may be running.
  void StopAtOnce();
  // The process is about to end at once, whatever its requests do.
  void SayGoodbye();
  bool is_draining() const { return draining_; }
  // Pauses or resumes accepting, soon. Any thread.
  void SetAccepting(bool accepting);
  os::EventLoop& loop() { return loop_; }
  // Each second, from the worker's timer: deadlines that have passed.
  void ExpireDeadlines();

  // To be run by a request thread as soon as one is free. Any thread.
  void Post(std::unique_ptr<Job> job);

  ReadyRequest* TakeReady() override;
  std::unique_ptr<Job> TakeJob() override { return jobs_.Take(); }
  bool Poll(bool wait) override;
  bool done() const override { return draining_ && open_ == 0; }
  void TakeCare(bool is_stuck) override;
  int care_fd() const override { return loop_.backend_fd(); }
  int care_timeout() const override { return loop_.backend_timeout(); }
  std::span<const int> listening_fds() const override;
  void OnFirstHeld(std::function<void()> wake) override { services_.held.OnFirst(std::move(wake)); }
  void SendHeld() override { services_.held.Send(); }
  bool holds() const override { return !services_.held.empty(); }
  void NoteStuck() override;

  // For connections: what changes on the loop.
  ActiveExchange* TakeExchange();
  void GiveExchange(ActiveExchange* exchange);
  void AddReady(ActiveExchange& exchange) { ready_.push_back(&exchange); }
  // While TakeCare finds the lead stuck: true if the request, whose head is complete, has left for
  // another worker, and its carrier has given it back.
  bool PassOnIfStuck(ActiveExchange& exchange);
  // Advances the connection again on the loop's next turn. One that has nothing to do by then, or
  // is another client's, takes no harm from it.
  void Resume(Connection& connection);
  // Advances the websocket of the connection soon, if it has one by then. Any thread.
  void Attend(Connection& connection);
  void SetDeadline(Connection& connection, DeadlineKind kind);
  void OnClosed(Connection& connection);
  std::uint64_t NextRequestId() { return ++last_request_id_; }
  // A core takes the request. Its thread is done with the application: completes the response.
  // Returns the microseconds between both.
  void BeginRequest(ActiveExchange& exchange, int core);
  std::int64_t EndRequest(ActiveExchange& exchange);
  // Finishes it on the owner's next turn. Any thread.
  void TakeBack(ActiveExchange& exchange);
  // A request that no core serves: before and after its response was made.
  void BeginStatic(ActiveExchange& exchange);
  void ConcludeStatic(ActiveExchange& exchange);
  // Fewer than half of the threads are busy: one may be lent to a client, see BodyStream. Never
  // with post-buffering.
  bool has_threads_to_lend() const;
  bool keeps_connections() const {
    return !draining_ && services_.options.http_keepalive.count() > 0 &&
           !services_.extra_fields.wants_close;
  }

 private:
  ConnectionReactor(const Settings& settings, os::ExclusivePoller poller);
  Result<void> AddSources(const GenerationContext& generation);
  void OpenConnection(Acceptor::Accepted accepted, std::string_view early);
  // Accepts until a request is ready or nobody waits.
  void AcceptUntilReady();
  // Out of descriptors: closes connections without a whole request that have waited for longest, or
  // lets accepting rest until the next tick. True if it is worth another try.
  bool MakeRoom();
  void ApplyAccepting();
  void RunLoop();
  // Leaves new connections to other workers for a moment, and returns early for anything else.
  void Rest(std::chrono::milliseconds duration);
  void DrainReturned();
  void AdvanceResumed();
  void AdvanceAttended();
  // The parts of TakeCare when the lead is stuck.
  void AcceptWhileStuck();
  void PassOnReady();
  // So many complete requests wait here for a thread: for the scoreboard, and for bodies.
  void NoteWaiting(std::size_t requests);

  const int threads_;
  RequestAccounting& accounting_;
  RequestLog& request_log_;
  Waiter& waiter_;
  AcceptRestraint& restraint_;
  const std::function<void()> on_broken_;
  ConnectionServices services_;

  os::EventLoop loop_;
  os::ExclusivePoller poller_;
  std::vector<int> listening_fds_;
  os::Wakeup wakeup_;
  os::Wakeup resume_;
  os::Wakeup attend_;
  os::Wakeup compress_;  // For the next piece of a file.
  Acceptor acceptor_;
  ConnectionHandoff handoff_;

  std::array<DeadlineQueue, 9> deadlines_;  // By DeadlineKind.
  std::vector<std::unique_ptr<ActiveExchange>> exchanges_;
  std::vector<ActiveExchange*> free_exchanges_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> free_connections_;
  std::size_t open_ = 0;
  std::deque<ActiveExchange*> ready_;
  bool accept_next_ = false;    // Ready connections and new ones take turns.
  bool is_stuck_ = false;       // The lead, as TakeCare knows.
  bool notes_waiting_ = false;  // What NoteWaiting has noted last is not nothing.
  std::vector<Connection*> resumed_;

  std::mutex returned_mutex_;
  std::vector<ActiveExchange*> returned_;  // Guarded; any thread.
  std::atomic<bool> has_returned_{false};
  JobQueue jobs_;
  std::mutex attended_mutex_;
  std::vector<Connection*> attended_;  // Guarded; any thread.

  std::uint64_t last_request_id_ = 0;
  std::uint64_t next_exhaustion_log_ = 0;  // By the loop's clock.
  bool draining_ = false;
  bool others_serve_ = true;  // Other workers of the generation go on.
  std::atomic<bool> accepting_{true};
};

}  // namespace uwsgi
