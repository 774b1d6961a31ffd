// SPDX-License-Identifier: MIT

#include "base/lasting_log.h"

#include <array>
#include <atomic>
#include <chrono>
#include <limits>

namespace uwsgi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes kLastingPause{10};

// When the lines of one format are due again.
struct LastingLine {
  std::atomic<const void*> format{nullptr};
  std::atomic<Clock::rep> due{std::numeric_limits<Clock::rep>::min()};
};

std::array<LastingLine, 32>
    lasting_lines;  // NOLINT(*-avoid-non-const-global-variables): the log is the process's.

}  // namespace

bool IsLastingLogDue(const void* format) {
  const Clock::rep now = Clock::now().time_since_epoch().count();
  const Clock::rep next = (Clock::now() + kLastingPause).time_since_epoch().count();
  for (LastingLine& line : lasting_lines) {
    const void* nobody = nullptr;
    if (line.format.compare_exchange_strong(nobody, format) || nobody == format) {
      Clock::rep due = line.due.load();
      return now >= due && line.due.compare_exchange_strong(due, next);
    }
  }
  return true;  // More kinds than expected: better often than never.
}

}  // namespace uwsgi
