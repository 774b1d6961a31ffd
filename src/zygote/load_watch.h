// SPDX-License-Identifier: MIT

#pragma once

#include "uwsgi/app_host.h"

namespace uwsgi {

// While it lives, kWhereSignal is a question of the master's: where is the application while it
// loads? The answer, kLoadingAt, goes over the link to the master. It comes from a signal
// handler: an import may hold the GIL, and a thread that watches would be one too many for whatever
// forks meanwhile. One at a time, on the main thread.
class LoadWatch {
 public:
  // `host` outlives it.
  explicit LoadWatch(const AppHost& host);
  ~LoadWatch();
  LoadWatch(const LoadWatch&) = delete;
  LoadWatch& operator=(const LoadWatch&) = delete;
};

}  // namespace uwsgi
