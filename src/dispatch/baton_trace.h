// SPDX-License-Identifier: MIT
//
// Who was lead when: for finding out what the dispatcher does under a load. Compiled out unless
// the build is configured with -DUWSGI_TRACE=ON; docs/testing.md tells how to read it.

#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace uwsgi {

enum class TraceEvent : std::uint8_t {
  kLead,         // Has taken the loop.
  kWait,         // The lead waits for events, without the execution right.
  kApplication,  // Has given the loop away and calls the application.
  kDone,         // The application has returned, and the loop is still free.
  kLost,         // The application has returned; somebody else is the lead now.
  kPark,         // Waits for nothing but to be woken.
  kArmed,        // A standby was woken, to wait for the execution right.
};

// The last events of one worker. Every thread may note one at any time, which costs an atomic
// addition and a clock reading.
class BatonTrace {
 public:
  static constexpr std::size_t kCapacity = std::size_t{1} << 16;

  BatonTrace() : entries_(std::make_unique<std::array<Entry, kCapacity>>()) {}

  // `core` is the request thread's, -1 for the watchdog.
  void Note(TraceEvent event, int core);
  // A line for each event, the oldest first: microseconds since the first one noted, core,
  // event, separated by tabs. While nobody notes any more.
  std::string Text() const;
  // Writes the text to uwsgi-trace.PID in the working directory, and says so in the log.
  void Write(pid_t pid) const;

 private:
  struct Entry {
    std::int64_t ns = 0;  // CLOCK_MONOTONIC
    std::int16_t core = 0;
    TraceEvent event = TraceEvent::kLead;
  };

  std::atomic<std::uint64_t> count_{0};
  std::unique_ptr<std::array<Entry, kCapacity>> entries_;
};

// A trace of a build without tracing: nothing.
class NoTrace {
 public:
  void Note(TraceEvent, int) {}
  void Write(pid_t) const {}
};

#ifdef UWSGI_TRACE
using DispatcherTrace = BatonTrace;
#else
using DispatcherTrace = NoTrace;
#endif

}  // namespace uwsgi
