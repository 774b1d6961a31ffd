// SPDX-License-Identifier: MIT

#include "worker/harakiri.h"

#include <fmt/core.h>
#include <unistd.h>

#include <string>

#include "base/log.h"
#include "os/clock.h"
#include "protocol/request_text.h"

namespace uwsgi {
namespace {

constexpr int kGatewayTimeout = 504;
// For an application that learns that its client is late.
constexpr std::int64_t kAfterRecall = 1'000'000'000;

}  // namespace

Harakiri::Harakiri(std::chrono::seconds limit, int threads, int worker_id, Gateway& gateway)
    : limit_(limit), worker_id_(worker_id), gateway_(gateway) {
  if (limit_.count() == 0) return;
  for (int core = 0; core < threads; ++core) cores_.push_back(std::make_unique<Core>());
}

void Harakiri::Watch(ActiveExchange& exchange, int core, ThreadSlot& slot) {
  if (cores_.empty()) return;
  const std::int64_t deadline = exchange.started_ns + std::chrono::nanoseconds(limit_).count();
  slot.deadline_ns.store(deadline, std::memory_order_relaxed);
  Core& entry = *cores_[static_cast<std::size_t>(core)];
  const std::lock_guard<std::mutex> lock(entry.mutex);
  entry.exchange = &exchange;
  entry.slot = &slot;
  entry.deadline_ns = deadline;
}

void Harakiri::Unwatch(int core) {
  if (cores_.empty()) return;
  Core& entry = *cores_[static_cast<std::size_t>(core)];
  const std::lock_guard<std::mutex> lock(entry.mutex);
  entry.exchange = nullptr;
}

int Harakiri::EndOverdue(const std::function<void(ActiveExchange&)>& on_ended) {
  const std::int64_t now = os::MonotonicNs();
  for (std::size_t core = 0; core < cores_.size(); ++core) {
    Core& entry = *cores_[core];
    // Holding the lock keeps the request's thread from finishing, and the exchange from
    // being used again, meanwhile.
    const std::lock_guard<std::mutex> lock(entry.mutex);
    if (entry.exchange == nullptr) continue;
    const std::int64_t lent = entry.exchange->body_stream.time_lent_ns();
    if (entry.deadline_ns + lent <= now && entry.exchange->body_stream.Recall()) {
      entry.deadline_ns = now + kAfterRecall - lent;
    }
    // A websocket may stay for hours: what counts is how long its application is away from it.
    if (const WebSocketSession* const session = entry.exchange->session()) {
      entry.deadline_ns =
          session->BusySinceNs(now) + std::chrono::nanoseconds(limit_).count() - lent;
    }
    const std::int64_t deadline = entry.deadline_ns + lent;
    entry.slot->deadline_ns.store(deadline, std::memory_order_relaxed);
    if (deadline > now) continue;
    if (End(static_cast<int>(core), *entry.exchange)) on_ended(*entry.exchange);
    entry.exchange = nullptr;
    ++ended_;
  }
  return ended_;
}

bool Harakiri::End(int core, ActiveExchange& exchange) {
  const Request& request = exchange.parsed;
  if (WebSocketSession* const session = exchange.session()) session->Cut();
  const bool is_ended = exchange.response_stream.TakeOver(kGatewayTimeout);
  const auto since = std::chrono::system_clock::to_time_t(request.started_at);
  std::string client;  // The method and the URI have no control bytes, the address may have some.
  protocol::AppendLogText(request.remote_addr, client);
  const std::string text = fmt::format(
      "*** HARAKIRI ON WORKER {} (pid: {}, try: 1) ***\n"
      "HARAKIRI !!! worker {} status !!!\n"
      "HARAKIRI [core {}] {} - {} {} since {} (request {}, over {} s)\n"
      "{}"
      "HARAKIRI !!! end of worker {} status !!!\n",
      worker_id_, ::getpid(), worker_id_, core, client, request.method, request.uri, since,
      request.id, limit_.count(), gateway_.DescribeStacks(core), worker_id_);
  Log({.form = LogForm::kLines, .request_id = request.id, .text = text});
  return is_ended;
}

}  // namespace uwsgi
