// SPDX-License-Identifier: MIT

#include "net/deadline_queue.h"

#include <gtest/gtest.h>

namespace uwsgi {
namespace {

TEST(DeadlineQueueTest, GivesWhatIsDueInOrder) {
  DeadlineQueue queue(100);
  DeadlineLink first;
  DeadlineLink second;
  queue.Enter(first, 0);
  queue.Enter(second, 50);
  EXPECT_EQ(queue.TakeExpired(99), nullptr);
  EXPECT_EQ(queue.TakeExpired(100), &first);
  EXPECT_EQ(queue.TakeExpired(149), nullptr);
  EXPECT_EQ(queue.TakeExpired(150), &second);
  EXPECT_EQ(queue.TakeExpired(1000), nullptr);
}

TEST(DeadlineQueueTest, EnteringAgainPostpones) {
  DeadlineQueue queue(100);
  DeadlineLink link;
  queue.Enter(link, 0);
  queue.Enter(link, 60);
  EXPECT_EQ(queue.TakeExpired(159), nullptr);
  EXPECT_EQ(queue.TakeExpired(160), &link);
  EXPECT_FALSE(link.is_waiting());
}

TEST(DeadlineQueueTest, MovesALinkFromAnotherQueue) {
  DeadlineQueue one(10);
  DeadlineQueue other(20);
  DeadlineLink link;
  one.Enter(link, 0);
  other.Enter(link, 0);
  EXPECT_EQ(one.TakeExpired(1000), nullptr);
  EXPECT_EQ(other.TakeExpired(20), &link);
}

TEST(DeadlineQueueTest, ADestroyedLinkIsForgotten) {
  DeadlineQueue queue(10);
  DeadlineLink stays;
  {
    DeadlineLink goes;
    queue.Enter(goes, 0);
    queue.Enter(stays, 0);
  }
  EXPECT_EQ(queue.TakeExpired(10), &stays);
}

TEST(DeadlineQueueTest, ZeroNeverExpires) {
  DeadlineQueue queue(0);
  DeadlineLink link;
  queue.Enter(link, 0);
  EXPECT_FALSE(link.is_waiting());
  EXPECT_EQ(queue.TakeExpired(1'000'000), nullptr);
}

}  // namespace
}  // namespace uwsgi
