// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>

#include "base/quantities.h"
#include "options/rows.h"

namespace uwsgi {

// What a worker process runs its requests with.
struct WorkerOptions {
  int threads = 1;
  ByteCount thread_stack_size{0};  // threads-stacksize, configured in KiB; 0: the system's.
  std::chrono::seconds harakiri{0};
  std::chrono::seconds harakiri_graceful_timeout{5};
};

namespace config {
OptionRows ThreadRows();
OptionRows HarakiriRows();
}  // namespace config

}  // namespace uwsgi
