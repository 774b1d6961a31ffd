// SPDX-License-Identifier: MIT

#include "worker/recycling.h"

#include <gtest/gtest.h>

namespace uwsgi {
namespace {

using namespace std::chrono_literals;

const Recycling::Clock::time_point kStart = Recycling::Clock::now();
const Recycling::Clock::time_point kOld = kStart + 60s;

// Nobody can set it back.
static_assert(Recycling::Clock::is_steady);

TEST(RecyclingTest, LimitsRequestsWithATenthOfJitter) {
  RecyclingOptions options;
  options.max_requests = 1000;
  const Recycling recycling(options, 1, kStart);
  EXPECT_FALSE(recycling.Check(999, kOld, {}));
  EXPECT_EQ(recycling.Check(1100, kOld, {}), RecycleReason::kMaxRequests);
}

TEST(RecyclingTest, AddsTheDeltaForEachFurtherWorker) {
  RecyclingOptions options;
  options.max_requests = 5;
  options.max_requests_delta = 100;
  const Recycling recycling(options, 3, kStart);
  EXPECT_FALSE(recycling.Check(204, kOld, {}));
  EXPECT_TRUE(recycling.Check(205, kOld, {}));
}

TEST(RecyclingTest, LetsAWorkerLiveForItsLeastLifetime) {
  RecyclingOptions options;
  options.max_requests = 1;
  options.min_worker_lifetime = std::chrono::seconds(10);
  const Recycling recycling(options, 1, kStart);
  EXPECT_FALSE(recycling.Check(100, kStart + 9s, {}));
  EXPECT_TRUE(recycling.Check(100, kStart + 10s, {}));
}

TEST(RecyclingTest, LimitsMemory) {
  RecyclingOptions options;
  EXPECT_FALSE(Recycling(options, 1, kStart).limits_memory());
  options.reload_on_as.count = 100;
  options.reload_on_rss.count = 10;
  const Recycling recycling(options, 1, kStart);
  EXPECT_TRUE(recycling.limits_memory());
  constexpr std::uint64_t kMebi = 1024 * 1024;
  EXPECT_FALSE(recycling.Check(0, kOld, {.rss = 10 * kMebi, .vsz = 100 * kMebi}));
  EXPECT_EQ(recycling.Check(0, kOld, {.rss = 11 * kMebi, .vsz = 0}), RecycleReason::kMemory);
  EXPECT_EQ(recycling.Check(0, kOld, {.rss = 0, .vsz = 101 * kMebi}), RecycleReason::kMemory);
}

TEST(RecyclingTest, NeverRecyclesWithoutALimit) {
  EXPECT_FALSE(Recycling(RecyclingOptions{}, 1, kStart).Check(1'000'000'000, kOld, {}));
}

}  // namespace
}  // namespace uwsgi
