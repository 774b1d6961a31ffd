// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <cstdint>

namespace uwsgi::os {

// Looks from outside at what another thread of this process does (about 5 us a look).
class ThreadProbe {
 public:
  ThreadProbe() = default;
  // `tid` as gettid gives it.
  explicit ThreadProbe(pid_t tid) : tid_(tid) {}

  // False while the thread runs or wants to run, so that only the machine's load keeps it;
  // true while it waits for something. An unreadable /proc says true.
  bool IsWaiting() const;
  // The processor time that the thread has used, in nanoseconds.
  std::int64_t CpuNs() const;

  pid_t tid() const { return tid_; }

 private:
  pid_t tid_ = 0;
};

// What the calling thread has used since it began (about 0.3 us a look).
struct ThreadUsage {
  std::int64_t cpu_us = 0;  // Microseconds.
  std::int64_t waits = 0;   // How often it gave the processor up to wait for something.
};
ThreadUsage OwnUsage();

}  // namespace uwsgi::os
