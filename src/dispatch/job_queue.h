// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "dispatch/job.h"

namespace uwsgi {

// Jobs that wait for a request thread, first in, first out.
class JobQueue {
 public:
  // Any thread. The owner of the loop has to be woken afterwards.
  void Put(std::unique_ptr<Job> job);
  // Null when there is none, which costs next to nothing. Any thread.
  std::unique_ptr<Job> Take();
  bool is_empty() const { return size_.load(std::memory_order_acquire) == 0; }

 private:
  std::atomic<std::size_t> size_{0};  // Written under mutex_.
  std::mutex mutex_;
  std::deque<std::unique_ptr<Job>> jobs_;  // Guarded.
};

}  // namespace uwsgi
