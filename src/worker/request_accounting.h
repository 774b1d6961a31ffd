// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <cstdint>

#include "exchange/active_exchange.h"
#include "ipc/scoreboard.h"
#include "ipc/worker_context.h"
#include "log/request_log.h"
#include "worker/harakiri.h"

namespace uwsgi {

// Counts and logs requests: into the scoreboard, where the master and the other workers see
// them, and into the request log.
class RequestAccounting {
 public:
  // All outlive this.
  RequestAccounting(Scoreboard& scoreboard, const WorkerIdentity& identity, RequestLog& request_log,
                    Harakiri& harakiri);

  // The application is about to be called on `core`; only there, and after End again.
  void Begin(ActiveExchange& exchange, int core);
  // The application is done with it: from here on no deadline ends the request. Any thread.
  void Release(const ActiveExchange& exchange) { harakiri_.Unwatch(exchange.parsed.core); }
  // The response is complete. Any thread; a core's End comes before its next Begin. Returns the
  // microseconds since Begin.
  std::int64_t End(ActiveExchange& exchange);
  // Both in one for a request that no core serves.
  void CountStatic(ActiveExchange& exchange);

  // Ends, counts and logs the requests that are over their time, as Harakiri::EndOverdue says.
  int EndOverdue();

  // How many complete requests wait in this process for a thread; how many wait between the workers
  // for whichever is free first.
  void NoteWaiting(std::size_t requests) {
    process_.waiting_requests.store(static_cast<std::uint32_t>(requests),
                                    std::memory_order_relaxed);
  }
  int passed_on() const { return scoreboard_.passed_on().load(std::memory_order_relaxed); }

  // Requests of this process.
  std::uint64_t requests() const { return process_.requests.load(std::memory_order_relaxed); }
  int busy_threads() const {
    return static_cast<int>(process_.busy_threads.load(std::memory_order_relaxed));
  }

 private:
  // Returns the microseconds since the exchange was begun.
  std::int64_t CountAndLog(ActiveExchange& exchange);

  Scoreboard& scoreboard_;
  const WorkerIdentity identity_;
  WorkerCounters& counters_;
  ProcessSlot& process_;
  RequestLog& request_log_;
  Harakiri& harakiri_;
};

}  // namespace uwsgi
