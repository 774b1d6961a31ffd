// SPDX-License-Identifier: MIT

#pragma once

#include <utility>

#include "cache/cache.h"

namespace uwsgi {

// Has the mutex of a cache for a scope, with the cache in order, unless another has it and the
// caller would not wait.
class Cache::Guard {
 public:
  Guard(Cache& cache, Patience patience) : cache_(cache) {
    RobustMutex& mutex = cache.header().mutex;
    const MutexOutcome outcome = patience == Patience::kTry ? mutex.TryLock() : mutex.Lock();
    has_it_ = outcome != MutexOutcome::kBusy;
    if (outcome != MutexOutcome::kRecovered) return;
    cache.Rebuild();
    mutex.MarkConsistent();
  }
  ~Guard() { Release(); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  explicit operator bool() const { return has_it_; }
  void Release() {
    if (std::exchange(has_it_, false)) cache_.header().mutex.Unlock();
  }

 private:
  Cache& cache_;
  bool has_it_ = false;
};

}  // namespace uwsgi
