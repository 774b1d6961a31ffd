// SPDX-License-Identifier: MIT
//
// A mutex in shared memory for as long as a copy takes: the kernel gives it on at once when the
// thread that has it dies, and tells the next one so.

#pragma once

#include <pthread.h>

#include <cerrno>

#include "base/check.h"

namespace uwsgi {

enum class MutexOutcome {
  kTaken,
  kRecovered,  // Taken. Who had it died: put in order what that one was about to change.
  kBusy,
};

class RobustMutex {
 public:
  // In zero memory, before anybody else uses it.
  void Init() {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    UWSGI_CHECK(pthread_mutex_init(&mutex_, &attributes) == 0);
    pthread_mutexattr_destroy(&attributes);
  }

  [[nodiscard]] MutexOutcome Lock() { return OutcomeOf(pthread_mutex_lock(&mutex_)); }
  [[nodiscard]] MutexOutcome TryLock() { return OutcomeOf(pthread_mutex_trylock(&mutex_)); }
  // After kRecovered, before Unlock: it is in order.
  void MarkConsistent() { pthread_mutex_consistent(&mutex_); }
  void Unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  static MutexOutcome OutcomeOf(int result) {
    if (result == 0) return MutexOutcome::kTaken;
    if (result == EBUSY) return MutexOutcome::kBusy;
    UWSGI_CHECK(result == EOWNERDEAD);
    return MutexOutcome::kRecovered;
  }

  pthread_mutex_t mutex_;
};

}  // namespace uwsgi
