// SPDX-License-Identifier: MIT

#include "os/system_info.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "os/clock.h"

namespace uwsgi::os {
namespace {

TEST(SystemInfoTest, MemoryGrowsWithUse) {
  const MemoryUsage before = ReadMemoryUsage();
  EXPECT_GT(before.rss, 0U);
  EXPECT_GE(before.vsz, before.rss);
  constexpr std::size_t kSize = 64U << 20;
  const std::vector<char> used(kSize, 'x');
  EXPECT_GE(ReadMemoryUsage().rss, before.rss + kSize / 2);
}

TEST(SystemInfoTest, TheMachineHasANameAndALimit) {
  EXPECT_FALSE(Hostname().empty());
  EXPECT_GT(Somaxconn(), 0);
}

TEST(ClockTest, AgreesWithTheStandardLibrary) {
  const auto before = std::chrono::steady_clock::now().time_since_epoch();
  const std::chrono::nanoseconds now(MonotonicNs());
  EXPECT_GE(now, before);
  EXPECT_LE(now, std::chrono::steady_clock::now().time_since_epoch());
  const auto behind = std::chrono::system_clock::now() - CoarseNow();
  EXPECT_LT(std::chrono::abs(behind), std::chrono::milliseconds(100));
}

}  // namespace
}  // namespace uwsgi::os
