// SPDX-License-Identifier: MIT

#pragma once

#include <signal.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "supervise/process_handle.h"

namespace uwsgi {

// The name of the kind that serves requests.
inline constexpr std::string_view kWorkerKind = "worker";

enum class Origin {
  kForkOfZygote,  // Nothing is started while there is no zygote.
  kExec,
};

enum class Replacement {
  kReadyFirst,  // The successor is ready before its predecessor goes: a seat has two for a while.
  kStopFirst,   // The predecessor is gone before its successor starts.
  kNever,       // A seat that was left stays empty.
};

struct RestartRule {
  // One that ends within this time after the last end in its seat waits as long for its successor;
  // 0: never.
  std::chrono::seconds throttle{2};
  // One that takes longer to be ready is told of.
  std::chrono::seconds patience{20};
};

struct StopRule {
  int graceful_signal = SIGHUP;  // Where its link does not reach it.
  int fast_signal = SIGINT;
  // From a word to go to a kill.
  std::chrono::milliseconds mercy{60'000};
  std::chrono::milliseconds drain_mercy{60'000};  // When all of the kind go.
  std::chrono::milliseconds fast_mercy{1'000};
};

// One row for each kind of process that the master keeps: where they come from, who takes whose
// place, how they are made to go, and what else there is to look at. What it calls outlives the
// supervisor.
struct ProcessKind {
  using Clock = ProcessHandle::Clock;

  std::string name;  // In the log, and in ForkRequest, which has 15 bytes for it.
  Origin origin = Origin::kForkOfZygote;
  Replacement replacement = Replacement::kReadyFirst;
  RestartRule restart;
  StopRule stop;
  std::string spawn_note;  // In the log after the first pid of a seat: ", cores: 4".

  // Whether this one, which is ready, has to be replaced; says why in the log. Asked each tick
  // until it is true.
  std::function<bool(const ProcessHandle&, Clock::time_point now)> is_due =
      [](const ProcessHandle&, Clock::time_point) { return false; };
  // Whether this one hangs and has to be killed; says why in the log.
  std::function<bool(const ProcessHandle&)> is_stuck = [](const ProcessHandle&) { return false; };
  // A signal is about to be sent, for it to go.
  std::function<void(const ProcessHandle&, int signum)> on_told = [](const ProcessHandle&, int) {};
  // It was reaped.
  std::function<void(const ProcessHandle&)> on_gone = [](const ProcessHandle&) {};
};

}  // namespace uwsgi
