// SPDX-License-Identifier: MIT

#include "dispatch/job_queue.h"

#include <utility>

namespace uwsgi {

void JobQueue::Put(std::unique_ptr<Job> job) {
  const std::lock_guard<std::mutex> lock(mutex_);
  jobs_.push_back(std::move(job));
  size_.store(jobs_.size(), std::memory_order_release);
}

std::unique_ptr<Job> JobQueue::Take() {
  if (is_empty()) return nullptr;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (jobs_.empty()) return nullptr;
  std::unique_ptr<Job> job = std::move(jobs_.front());
  jobs_.pop_front();
  size_.store(jobs_.size(), std::memory_order_release);
  return job;
}

}  // namespace uwsgi
