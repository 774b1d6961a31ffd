// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "exchange/active_exchange.h"
#include "uwsgi/gateway.h"

namespace uwsgi {

// The deadline of each request, and what happens at it: the client gets a 504, the log
// tells which request it was and where it hangs. The thread that runs it can not be
// stopped, so the process has to go: that is the worker's part.
class Harakiri {
 public:
  // `limit` zero: no deadlines. The gateway outlives this.
  Harakiri(std::chrono::seconds limit, int threads, int worker_id, Gateway& gateway);

  // The core's request begins now. `slot`, the core's, gets its deadline, 0 for none.
  void Watch(ActiveExchange& exchange, int core, ThreadSlot& slot);
  // It has ended. Afterwards nobody but its owner touches the exchange.
  void Unwatch(int core);

  // Ends the requests that are overdue, from a thread that may be any but theirs. One whose thread
  // waits for its body just now loses its client instead, and gets a second to end by itself. A
  // deadline is put off by the time for which the thread was lent to a client that is not slow.
  // Returns how many of this process were ended since it began. `on_ended` is told of each whose
  // response is complete now, though its thread still has the request.
  int EndOverdue(const std::function<void(ActiveExchange&)>& on_ended);

 private:
  struct Core {
    std::mutex mutex;
    ActiveExchange* exchange = nullptr;  // Guarded, as is the rest.
    ThreadSlot* slot = nullptr;
    std::int64_t deadline_ns = 0;  // CLOCK_MONOTONIC, had nobody ever waited for the body.
  };

  // False if the request's thread is just writing, and so will end the response itself.
  bool End(int core, ActiveExchange& exchange);

  const std::chrono::seconds limit_;
  const int worker_id_;
  Gateway& gateway_;
  std::vector<std::unique_ptr<Core>> cores_;
  int ended_ = 0;
};

}  // namespace uwsgi
