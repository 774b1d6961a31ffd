// SPDX-License-Identifier: MIT

#include "worker/request_accounting.h"

#include <chrono>

#include "os/clock.h"

namespace uwsgi {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// What the request log of nginx calls a client that left before its answer.
constexpr int kClientClosedRequest = 499;

}  // namespace

RequestAccounting::RequestAccounting(Scoreboard& scoreboard, const WorkerIdentity& identity,
                                     RequestLog& request_log, Harakiri& harakiri)
    : scoreboard_(scoreboard),
      identity_(identity),
      counters_(scoreboard.counters(identity.worker_id)),
      process_(scoreboard.process(identity.slot)),
      request_log_(request_log),
      harakiri_(harakiri) {}

void RequestAccounting::Begin(ActiveExchange& exchange, int core) {
  exchange.parsed.core = core;
  exchange.counters = &counters_;
  exchange.parsed.started_at = std::chrono::system_clock::now();
  exchange.started_ns = os::MonotonicNs();
  ThreadSlot& slot = scoreboard_.thread(identity_.slot, core);
  slot.started_ns.store(exchange.started_ns, kRelaxed);
  harakiri_.Watch(exchange, core, slot);
  process_.busy_threads.fetch_add(1, kRelaxed);
}

std::int64_t RequestAccounting::End(ActiveExchange& exchange) {
  const int core = exchange.parsed.core;
  ThreadSlot& slot = scoreboard_.thread(identity_.slot, core);
  slot.deadline_ns.store(0, kRelaxed);
  slot.started_ns.store(0, kRelaxed);
  slot.requests.fetch_add(1, kRelaxed);
  process_.busy_threads.fetch_sub(1, kRelaxed);
  if (exchange.is_counted) return 0;  // It is over its time: nobody asks how far.
  return CountAndLog(exchange);
}

int RequestAccounting::EndOverdue() {
  return harakiri_.EndOverdue([this](ActiveExchange& exchange) {
    exchange.is_counted = true;
    CountAndLog(exchange);
  });
}

void RequestAccounting::CountStatic(ActiveExchange& exchange) { CountAndLog(exchange); }

std::int64_t RequestAccounting::CountAndLog(ActiveExchange& exchange) {
  const ResponseStream& response = exchange.response_stream;
  protocol::RequestRecord record;
  record.duration = std::chrono::microseconds((os::MonotonicNs() - exchange.started_ns) / 1000);
  const auto micros = static_cast<std::uint64_t>(record.duration.count());
  process_.requests.fetch_add(1, kRelaxed);
  record.total_requests = scoreboard_.total_requests().fetch_add(1, kRelaxed) + 1;
  counters_.requests.fetch_add(1, kRelaxed);
  counters_.tx.fetch_add(response.head_bytes() + response.body_bytes(), kRelaxed);
  counters_.running_us.fetch_add(micros, kRelaxed);
  counters_.avg_us.store((counters_.avg_us.load(kRelaxed) + micros) / 2, kRelaxed);
  // The application still has one that was ended, and may change what else it says of it.
  const bool is_done = !exchange.is_counted;
  const auto exceptions = static_cast<std::uint64_t>(is_done ? exchange.exceptions : 0);
  if (exceptions > 0) counters_.exceptions.fetch_add(exceptions, kRelaxed);
  const int app_id = exchange.app_id.load(kRelaxed);
  if (app_id >= 0) {
    AppCounters& app = counters_.app(app_id);
    record.app_requests = static_cast<std::int64_t>(app.requests.load(kRelaxed));
    if (exceptions > 0) app.exceptions.fetch_add(exceptions, kRelaxed);
  }

  record.request = &exchange.parsed;
  record.worker_id = identity_.worker_id;
  record.app_id = app_id;
  record.status = response.code();
  if (response.peer_is_gone() && !response.head_sent()) record.status = kClientClosedRequest;
  record.body_bytes = response.body_bytes();
  record.header_count = response.field_count();
  record.header_bytes = response.head_bytes();
  record.switches = response.write_count();
  if (response.used_sendfile()) record.via = "sendfile()";
  record.write_errors = response.peer_is_gone() ? 1 : 0;
  if (is_done) {
    record.read_errors = exchange.body_stream.failure() == ReadStatus::kOk ? 0 : 1;
    record.log_vars = exchange.log_vars;
  }
  if (request_log_.Wants(record, exchange.force_log.load(kRelaxed))) request_log_.Append(record);
  return record.duration.count();
}

}  // namespace uwsgi
