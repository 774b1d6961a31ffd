// SPDX-License-Identifier: MIT

#include "worker/connection_reactor.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/c_locale.h"
#include "base/log.h"
#include "os/clock.h"
#include "os/system_info.h"

namespace uwsgi {
namespace {

// Tags of the poller; listener number i has tag i.
constexpr int kLoopTag = -1;
constexpr int kHandoffTag = -2;
// A lead that accepts only looks at the other connections after so many.
constexpr int kAcceptsPerLook = 32;
// Requests that wait for a thread of a stuck worker; further ones wait in the kernel's queue.
constexpr std::size_t kMostWaiting = 1024;
// Connections that are closed at a time when descriptors run out.
constexpr int kMadeRoom = 16;
// How often that is logged when there are none.
constexpr std::chrono::milliseconds kExhaustionLog{60'000};
// How long a stopping worker leaves clients to send the head of a last request, or to read on.
constexpr std::chrono::milliseconds kLastChance{1000};
// For the client's answer to a websocket's close frame.
constexpr std::chrono::milliseconds kClosing{10'000};

std::uint64_t Milliseconds(std::chrono::milliseconds duration) {
  return static_cast<std::uint64_t>(duration.count());
}

}  // namespace

Result<std::unique_ptr<ConnectionReactor>> ConnectionReactor::Create(const Settings& settings) {
  auto poller = os::ExclusivePoller::Create();
  if (!poller) return std::move(poller).error();
  std::unique_ptr<ConnectionReactor> reactor(new ConnectionReactor(settings, *std::move(poller)));
  if (auto added = reactor->AddSources(settings.generation); !added) return added.error();
  return reactor;
}

ConnectionReactor::ConnectionReactor(const Settings& settings, os::ExclusivePoller poller)
    : threads_(settings.threads),
      accounting_(settings.accounting),
      request_log_(settings.request_log),
      waiter_(settings.waiter),
      restraint_(settings.restraint),
      on_broken_(settings.on_broken),
      services_({settings.options, settings.peers, settings.compression, settings.websockets,
                 settings.generation.listeners, settings.static_files, settings.app_files,
                 settings.tls, settings.generation.scoreboard->noted_headers()},
                [this] { compress_.Send(); }),
      poller_(std::move(poller)),
      wakeup_(loop_, [this] { ApplyAccepting(); }),
      resume_(loop_, [this] { AdvanceResumed(); }),
      attend_(loop_, [this] { AdvanceAttended(); }),
      compress_(loop_,
                [this] {
                  if (services_.compressed_files.Work()) compress_.Send();
                }),
      acceptor_(settings.generation.listeners, services_.peer_policy),
      handoff_(settings.generation.handoff_send_fd, settings.generation.handoff_receive_fd,
               settings.generation.listeners, settings.generation.scoreboard->passed_on()),
      deadlines_{DeadlineQueue(Milliseconds(settings.options.head_timeout)),
                 DeadlineQueue(Milliseconds(settings.options.http_keepalive)),
                 DeadlineQueue(Milliseconds(services_.progress_timeout(ProtocolOf(Wire::kUwsgi)))),
                 DeadlineQueue(Milliseconds(services_.progress_timeout(ProtocolOf(Wire::kHttp)))),
                 DeadlineQueue(Milliseconds(Lingering::kPause)),
                 DeadlineQueue(Milliseconds(kLastChance)),
                 DeadlineQueue(Milliseconds(settings.websockets.ping_freq)),
                 DeadlineQueue(Milliseconds(settings.websockets.pong_tolerance)),
                 DeadlineQueue(Milliseconds(kClosing))} {}

ConnectionReactor::~ConnectionReactor() = default;

Result<void> ConnectionReactor::AddSources(const GenerationContext& generation) {
  if (auto added = poller_.Add(loop_.backend_fd(), kLoopTag); !added) return added;
  int tag = 0;
  for (const Listener& listener : generation.listeners) {
    if (auto added = poller_.AddListener(listener.fd, tag++); !added) return added;
    listening_fds_.push_back(listener.fd);
  }
  if (!handoff_.is_enabled()) return {};
  return poller_.AddListener(generation.handoff_receive_fd, kHandoffTag);
}

void ConnectionReactor::Drain(bool serve_queued) {
  if (draining_) return;
  draining_ = true;
  others_serve_ = !serve_queued;
  poller_.SetListening(false);
  acceptor_.NoteAll(serve_queued);
  handoff_.NoteWaiting();
  for (const auto& connection : connections_) connection->LetGo();
}

void ConnectionReactor::StopAtOnce() {
  draining_ = true;
  poller_.SetListening(false);
  DrainReturned();
  ready_.clear();
  for (const auto& connection : connections_) {
    const Connection::Stage stage = connection->stage();
    // One that runs was just concluded: its thread is about to return it.
    const bool keep = stage == Connection::Stage::kClosed || stage == Connection::Stage::kRunning;
    if (!keep) connection->Close();
  }
}

void ConnectionReactor::SetAccepting(bool accepting) {
  accepting_.store(accepting, std::memory_order_relaxed);
  wakeup_.Send();
}

void ConnectionReactor::ApplyAccepting() {
  if (draining_ || acceptor_.exhaustion() != 0) return;
  poller_.SetListening(accepting_.load(std::memory_order_relaxed));
}

void ConnectionReactor::ExpireDeadlines() {
  for (DeadlineQueue& queue : deadlines_) {
    while (DeadlineLink* link = queue.TakeExpired(loop_.now())) {
      static_cast<Connection*>(link)->Expire();
    }
  }
  if (acceptor_.exhaustion() != 0) {
    acceptor_.ForgetExhaustion();
    ApplyAccepting();
  }
}

ReadyRequest* ConnectionReactor::TakeReady() {
  DrainReturned();
  if (notes_waiting_) NoteWaiting(ready_.empty() ? 0 : ready_.size() - 1);
  if (ready_.empty() || std::exchange(accept_next_, false)) AcceptUntilReady();
  if (ready_.empty()) return nullptr;
  ActiveExchange* exchange = ready_.front();
  ready_.pop_front();
  accept_next_ = true;
  return exchange;
}

void ConnectionReactor::AcceptUntilReady() {
  const std::size_t before = ready_.size();
  for (int accepted = 0; accepted < kAcceptsPerLook && ready_.size() == before; ++accepted) {
    if (auto passed = handoff_.Receive()) {
      Acceptor::Accepted connection{std::move(passed->fd), passed->listener, passed->peer};
      OpenConnection(std::move(connection), passed->bytes);
      continue;
    }
    auto connection = acceptor_.Accept();
    if (!connection) {
      if (acceptor_.exhaustion() != 0 && MakeRoom()) continue;
      return;
    }
    OpenConnection(*std::move(connection), {});
  }
}

bool ConnectionReactor::MakeRoom() {
  int closed = 0;
  // The first that have any, the oldest connections first.
  for (const auto kind : {DeadlineKind::kIdle, DeadlineKind::kLinger, DeadlineKind::kHead}) {
    DeadlineQueue& queue = deadlines_[static_cast<std::size_t>(kind)];
    DeadlineLink* link = nullptr;
    while (closed < kMadeRoom && (link = queue.TakeFirst()) != nullptr) {
      static_cast<Connection*>(link)->Close();
      ++closed;
    }
    if (closed > 0) break;
  }
  if (closed > 0) {
    acceptor_.ForgetExhaustion();
    acceptor_.NoteAll(true);
    return true;
  }
  if (loop_.now() >= next_exhaustion_log_) {
    LogError("cannot accept connections: {} ({} are open, see --max-fd)",
             ErrorText(acceptor_.exhaustion()), open_);
    next_exhaustion_log_ = loop_.now() + Milliseconds(kExhaustionLog);
  }
  poller_.SetListening(false);
  return false;
}

void ConnectionReactor::OpenConnection(Acceptor::Accepted accepted, std::string_view early) {
  if (free_connections_.empty()) {
    connections_.push_back(std::make_unique<Connection>(*this, services_));
    free_connections_.push_back(connections_.back().get());
  }
  Connection* connection = free_connections_.back();
  free_connections_.pop_back();
  ++open_;
  connection->Open(std::move(accepted.fd), *accepted.listener, accepted.peer, early);
  connection->Advance();
}

void ConnectionReactor::Post(std::unique_ptr<Job> job) {
  jobs_.Put(std::move(job));
  wakeup_.Send();
}

bool ConnectionReactor::Poll(bool wait) {
  request_log_.Flush();
  services_.held.Send();
  services_.static_roots.Close();
  // libuv tells the kernel of new watchers only while it runs.
  if (loop_.has_changes()) RunLoop();
  loop_.UpdateTime();
  const int timer_due_in = loop_.backend_timeout();
  const bool waits =
      wait && ready_.empty() && jobs_.is_empty() && !has_returned_.load(std::memory_order_acquire);
  if (waits) restraint_.NoteWaiting();
  std::array<os::ExclusivePoller::Ready, 64> events;
  const int count = poller_.Wait(waits ? timer_due_in : 0, events);
  if (poller_.is_broken()) on_broken_();
  const auto ready = std::span(events).first(static_cast<std::size_t>(count));
  const auto is_listener = [](const auto& event) { return event.tag >= 0; };
  if (waits && count > 0 && std::ranges::all_of(ready, is_listener)) {
    if (const auto rest = restraint_.NextRest(os::MonotonicNs()); rest.count() > 0) {
      Rest(rest);
      return false;
    }
  }
  bool run_loop = timer_due_in == 0 || (waits && timer_due_in > 0 && count == 0);
  for (const auto& event : ready) {
    if (event.tag == kLoopTag) {
      run_loop = true;
    } else if (event.tag == kHandoffTag) {
      handoff_.NoteWaiting();
    } else {
      acceptor_.NoteWaiting(static_cast<std::size_t>(event.tag));
    }
  }
  if (run_loop) RunLoop();
  return count > 0;
}

void ConnectionReactor::RunLoop() {
  if (!loop_.is_intact()) on_broken_();
  loop_.RunOnce();
}

void ConnectionReactor::Rest(std::chrono::milliseconds duration) {
  std::array<pollfd, 2> others = {
      {{loop_.backend_fd(), POLLIN, 0}, {handoff_.receive_fd(), POLLIN, 0}}};
  ::poll(others.data(), others.size(), static_cast<int>(duration.count()));
  loop_.UpdateTime();
  if (others[0].revents != 0 || loop_.backend_timeout() == 0) RunLoop();
}

void ConnectionReactor::NoteStuck() { restraint_.NoteStuck(os::MonotonicNs()); }

void ConnectionReactor::TakeCare(bool is_stuck) {
  DrainReturned();
  request_log_.Flush();
  services_.static_roots.Close();
  services_.held.Send();
  is_stuck_ = is_stuck;
  RunLoop();
  if (is_stuck) {
    AcceptWhileStuck();
    PassOnReady();
    NoteWaiting(ready_.size());
  }
  is_stuck_ = false;
}

std::span<const int> ConnectionReactor::listening_fds() const {
  const bool takes_more = poller_.is_listening() && ready_.size() < kMostWaiting;
  return takes_more ? std::span<const int>(listening_fds_) : std::span<const int>();
}

void ConnectionReactor::AcceptWhileStuck() {
  if (listening_fds().empty()) return;
  acceptor_.NoteAll(true);
  for (int accepted = 0; accepted < kAcceptsPerLook; ++accepted) {
    auto connection = acceptor_.Accept();
    if (connection) {
      OpenConnection(*std::move(connection), {});
    } else if (acceptor_.exhaustion() == 0 || !MakeRoom()) {
      return;
    }
  }
}

bool ConnectionReactor::PassOnIfStuck(ActiveExchange& exchange) {
  return is_stuck_ && others_serve_ && exchange.carrier().PassOn(exchange, handoff_);
}

void ConnectionReactor::PassOnReady() {
  if (!others_serve_ || !handoff_.is_enabled()) return;
  for (std::size_t left = ready_.size(); left > 0; --left) {
    ActiveExchange* exchange = ready_.front();
    ready_.pop_front();
    if (!exchange->carrier().PassOn(*exchange, handoff_)) ready_.push_back(exchange);
  }
}

void ConnectionReactor::NoteWaiting(std::size_t requests) {
  const bool is_wanted = is_stuck_ && (requests > 0 || accounting_.passed_on() > 0);
  notes_waiting_ = requests > 0 || is_wanted;
  accounting_.NoteWaiting(requests);
  services_.threads_wanted.store(is_wanted, std::memory_order_relaxed);
}

void ConnectionReactor::BeginRequest(ActiveExchange& exchange, int core) {
  accounting_.Begin(exchange, core);
  restraint_.NoteRunning(exchange.started_ns);
}

std::int64_t ConnectionReactor::EndRequest(ActiveExchange& exchange) {
  accounting_.Release(exchange);
  exchange.response_stream.End();
  exchange.EndWebSocket();
  return accounting_.End(exchange);
}

void ConnectionReactor::TakeBack(ActiveExchange& exchange) {
  {
    const std::lock_guard<std::mutex> lock(returned_mutex_);
    returned_.push_back(&exchange);
  }
  has_returned_.store(true, std::memory_order_release);
  wakeup_.Send();
}

void ConnectionReactor::DrainReturned() {
  if (!has_returned_.load(std::memory_order_acquire)) return;
  std::vector<ActiveExchange*> returned;
  {
    const std::lock_guard<std::mutex> lock(returned_mutex_);
    has_returned_.store(false, std::memory_order_relaxed);
    returned.swap(returned_);
  }
  for (ActiveExchange* exchange : returned) exchange->Finish();
}

void ConnectionReactor::Resume(Connection& connection) {
  resumed_.push_back(&connection);
  resume_.Send();
}

void ConnectionReactor::AdvanceResumed() {
  std::vector<Connection*> resumed;
  resumed.swap(resumed_);
  for (Connection* connection : resumed) connection->Advance();
}

void ConnectionReactor::Attend(Connection& connection) {
  {
    const std::lock_guard<std::mutex> lock(attended_mutex_);
    attended_.push_back(&connection);
  }
  attend_.Send();
}

void ConnectionReactor::AdvanceAttended() {
  std::vector<Connection*> attended;
  {
    const std::lock_guard<std::mutex> lock(attended_mutex_);
    attended.swap(attended_);
  }
  for (Connection* connection : attended) connection->AdvanceWebSocket();
}

void ConnectionReactor::SayGoodbye() {
  for (const auto& connection : connections_) connection->SayGoodbye();
}

ActiveExchange* ConnectionReactor::TakeExchange() {
  if (free_exchanges_.empty()) {
    exchanges_.push_back(
        std::make_unique<ActiveExchange>(waiter_, services_.heads, services_.body_limits));
    return exchanges_.back().get();
  }
  ActiveExchange* exchange = free_exchanges_.back();
  free_exchanges_.pop_back();
  return exchange;
}

void ConnectionReactor::GiveExchange(ActiveExchange* exchange) {
  exchange->Reset();
  free_exchanges_.push_back(exchange);
}

void ConnectionReactor::SetDeadline(Connection& connection, DeadlineKind kind) {
  // A stop need not wait for who has not sent a whole head, or has had the answer.
  const bool has_no_request = kind == DeadlineKind::kHead || kind == DeadlineKind::kIdle ||
                              kind == DeadlineKind::kLinger || kind == DeadlineKind::kClosing;
  if (draining_ && has_no_request) kind = DeadlineKind::kLastChance;
  deadlines_[static_cast<std::size_t>(kind)].Enter(connection, loop_.now());
}

bool ConnectionReactor::has_threads_to_lend() const {
  if (services_.body_limits.whole_above > 0) return false;  // The application gets whole bodies.
  const auto taken = static_cast<std::size_t>(accounting_.busy_threads()) + ready_.size();
  return 2 * (taken + 1) <= static_cast<std::size_t>(threads_);
}

void ConnectionReactor::BeginStatic(ActiveExchange& exchange) {
  exchange.parsed.started_at = std::chrono::system_clock::now();
  exchange.started_ns = os::MonotonicNs();
}

void ConnectionReactor::ConcludeStatic(ActiveExchange& exchange) {
  exchange.response_stream.End();
  accounting_.CountStatic(exchange);
}

void ConnectionReactor::OnClosed(Connection& connection) {
  --open_;
  free_connections_.push_back(&connection);
}

}  // namespace uwsgi
