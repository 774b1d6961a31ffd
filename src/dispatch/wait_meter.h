// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

#include "os/thread_probe.h"

namespace uwsgi {

// Whether the requests of one thread wait for something, be it for less than the watchdog's ticks:
// a database on the same machine answers within a millisecond. Costs four system calls for a
// request that follows a long one, and nothing for others.
class WaitMeter {
 public:
  void Begin() {
    if (measures_) before_ = os::OwnUsage();
  }
  // `took`: microseconds since Begin. True if a good part of them was spent waiting.
  bool End(std::int64_t took) {
    const bool was_measured = measures_;
    measures_ = took >= kWorthwhile;
    if (!was_measured || !measures_) return false;
    const os::ThreadUsage after = os::OwnUsage();
    const std::int64_t computed = after.cpu_us - before_.cpu_us;
    return after.waits > before_.waits && took - computed >= took / 4;
  }

 private:
  static constexpr std::int64_t kWorthwhile = 500;

  bool measures_ = false;
  os::ThreadUsage before_;
};

}  // namespace uwsgi
