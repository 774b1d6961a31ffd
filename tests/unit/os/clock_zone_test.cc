// SPDX-License-Identifier: MIT

#include "os/clock_zone.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "support/child_process.h"

namespace uwsgi::os {
namespace {

// Of a local time in the zone that is in effect.
long Offset() {
  const std::time_t moment = 1'700'000'000;
  std::tm local{};
  localtime_r(&moment, &local);
  return local.tm_gmtoff;
}

TEST(ClockZoneTest, IsInEffectOnceItIsSetOrTaken) {
  EXPECT_EQ(RunInChild([] {
              SetClockZone("UTC-9");
              if (TakeClockZone() != "UTC-9" || Offset() != 9 * 3600) return 1;
              setenv("TZ", "UTC+3", 1);
              if (TakeClockZone() != "UTC+3" || Offset() != -3 * 3600) return 2;
              SetClockZone({});
              return TakeClockZone() ? 3 : 0;
            }),
            0);
}

}  // namespace
}  // namespace uwsgi::os
