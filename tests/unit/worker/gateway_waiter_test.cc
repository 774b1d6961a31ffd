// SPDX-License-Identifier: MIT

#include "worker/gateway_waiter.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "base/unique_fd.h"
#include "support/fake_gateway.h"

namespace uwsgi {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class GatewayWaiterTest : public ::testing::Test {
 protected:
  GatewayWaiterTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours_ = UniqueFd(ends[0]);
    theirs_ = UniqueFd(ends[1]);
  }

  testing::FakeGateway gateway_{[](testing::FakeGateway&, Exchange&) {}};
  GatewayWaiter waiter_{gateway_};
  UniqueFd ours_;
  UniqueFd theirs_;
};

TEST_F(GatewayWaiterTest, AnotherThreadHasTheRightMeanwhile) {
  gateway_.Acquire();
  std::atomic<bool> has_run{false};
  std::thread other([&] {
    gateway_.Acquire();
    has_run = true;
    EXPECT_EQ(::send(theirs_.get(), "x", 1, 0), 1);
    gateway_.Release();
  });
  {
    const Aside aside(waiter_);
    EXPECT_EQ(waiter_.Wait(ours_.get(), Direction::kRead, 20s), IoStatus::kOk);
    EXPECT_TRUE(has_run);
  }
  gateway_.Release();  // It was taken again.
  other.join();
}

TEST_F(GatewayWaiterTest, GivesUpInTime) {
  EXPECT_EQ(waiter_.Wait(ours_.get(), Direction::kRead, 10ms), IoStatus::kTimeout);
  EXPECT_EQ(waiter_.Wait(ours_.get(), Direction::kWrite, 20s), IoStatus::kOk);
}

TEST_F(GatewayWaiterTest, ABrokenConnectionIsNotWaitedFor) {
  theirs_.reset();
  EXPECT_EQ(waiter_.Wait(ours_.get(), Direction::kRead, 20s), IoStatus::kOk);
}

}  // namespace
}  // namespace uwsgi
