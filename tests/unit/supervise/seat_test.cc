// SPDX-License-Identifier: MIT

#include "supervise/seat.h"

#include <gtest/gtest.h>

#include <utility>

namespace uwsgi {
namespace {

using std::chrono::seconds;

constexpr Seat::Clock::time_point kStart{seconds(1000)};

ProcessHandle Asked(int slot, Seat::Clock::time_point when = kStart) {
  return {2, slot, std::move(Link::Create()->first), 0, when};
}

TEST(SeatTest, HasTwoSlotsOfItsOwn) {
  Seat seat(2);
  EXPECT_TRUE(seat.is_vacant());
  EXPECT_EQ(seat.FreeSlot(), 2);
  seat.processes().push_back(Asked(2));
  EXPECT_FALSE(seat.is_vacant());
  EXPECT_FALSE(seat.is_being_replaced());
  EXPECT_EQ(seat.FreeSlot(), 3);
  seat.processes().push_back(Asked(3));
  EXPECT_TRUE(seat.is_being_replaced());
  seat.processes()[0].Retire(kStart, seconds(1));
  EXPECT_FALSE(seat.is_being_replaced());
  EXPECT_FALSE(seat.is_vacant());
  EXPECT_EQ(seat.Find(3), &seat.processes()[1]);
  seat.processes().erase(seat.processes().begin());
  EXPECT_EQ(seat.Find(2), nullptr);
  EXPECT_EQ(seat.FreeSlot(), 2);
}

TEST(SeatTest, WhoHasStartedBeforeTheReasonDoesNotDoForAReplacement) {
  Seat seat(2);
  seat.WantReplacement(kStart + seconds(5));
  seat.OnReady(Asked(2, kStart + seconds(4)));
  EXPECT_TRUE(seat.wants_replacement());
  seat.OnReady(Asked(3, kStart + seconds(6)));
  EXPECT_FALSE(seat.wants_replacement());
}

TEST(SeatTest, TheSecondEndWithinTheThrottleMakesTheNextOneWait) {
  Seat seat(2);
  const ProcessHandle process = Asked(2);
  EXPECT_FALSE(seat.OnUnaskedEnd(process, kStart, seconds(2)));
  EXPECT_TRUE(seat.MayStart(kStart));
  EXPECT_TRUE(seat.OnUnaskedEnd(process, kStart + seconds(1), seconds(2)));
  EXPECT_FALSE(seat.MayStart(kStart + seconds(2)));
  EXPECT_TRUE(seat.MayStart(kStart + seconds(3)));
  // The wait does not count as time that it has lived.
  EXPECT_TRUE(seat.OnUnaskedEnd(process, kStart + seconds(4), seconds(2)));
  EXPECT_FALSE(seat.OnUnaskedEnd(process, kStart + seconds(20), seconds(2)));
}

TEST(SeatTest, WithoutAThrottleNobodyWaits) {
  Seat seat(2);
  EXPECT_FALSE(seat.OnUnaskedEnd(Asked(2), kStart, seconds(0)));
  EXPECT_FALSE(seat.OnUnaskedEnd(Asked(2), kStart, seconds(0)));
  EXPECT_TRUE(seat.MayStart(kStart));
}

}  // namespace
}  // namespace uwsgi
