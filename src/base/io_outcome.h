// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>

namespace uwsgi {

enum class IoStatus {
  kOk,
  kWouldBlock,
  kEnd,     // The peer will send no more; of a file: it is shorter than it was.
  kClosed,  // Reset or broken.
  kTimeout,
};

// What one read or write on a client's connection came to.
struct IoOutcome {
  std::size_t bytes = 0;
  IoStatus status = IoStatus::kOk;
};

}  // namespace uwsgi
