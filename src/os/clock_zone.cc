// SPDX-License-Identifier: MIT

#include "os/clock_zone.h"

#include <cstdlib>
#include <ctime>

namespace uwsgi::os {
namespace {

constexpr const char* kVariable = "TZ";

}  // namespace

ClockZone TakeClockZone() {
  ::tzset();
  const char* zone = std::getenv(kVariable);
  return zone == nullptr ? ClockZone() : ClockZone(zone);
}

void SetClockZone(const ClockZone& zone) {
  if (zone) {
    ::setenv(kVariable, zone->c_str(), 1);
  } else {
    ::unsetenv(kVariable);
  }
  ::tzset();
}

}  // namespace uwsgi::os
