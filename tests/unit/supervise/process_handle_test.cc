// SPDX-License-Identifier: MIT

#include "supervise/process_handle.h"

#include <gtest/gtest.h>

#include <utility>

namespace uwsgi {
namespace {

using std::chrono::seconds;
using State = ProcessHandle::State;

constexpr ProcessHandle::Clock::time_point kStart{seconds(1000)};
constexpr pid_t kNobody = 1 << 30;  // More than any kernel gives.

class ProcessHandleTest : public testing::Test {
 protected:
  std::pair<Link, Link> ends_ = *Link::Create();
  ProcessHandle process_{1, 0, std::move(ends_.first), 0.5, kStart};
};

TEST_F(ProcessHandleTest, GoesFromTheRequestToItsEnd) {
  EXPECT_EQ(process_.state(), State::kRequested);
  EXPECT_FALSE(process_.OnReady(kStart));
  EXPECT_TRUE(process_.OnStarted(kNobody, kStart + seconds(1)));
  EXPECT_EQ(process_.state(), State::kStarting);
  EXPECT_EQ(process_.started_at(), kStart + seconds(1));
  EXPECT_TRUE(process_.OnReady(kStart + seconds(2)));
  EXPECT_FALSE(process_.OnReady(kStart + seconds(3)));
  EXPECT_EQ(process_.ready_at(), kStart + seconds(2));
  process_.Retire(kStart + seconds(4), seconds(10));
  EXPECT_FALSE(process_.is_live());
  EXPECT_FALSE(process_.OnReady(kStart + seconds(5)));
}

TEST_F(ProcessHandleTest, OneThatIsToldToGoBeforeItIsThereIsNotWelcome) {
  process_.Retire(kStart, seconds(10));
  EXPECT_FALSE(process_.TakeEndOfMercy(kStart + seconds(20)));
  EXPECT_FALSE(process_.OnStarted(kNobody, kStart + seconds(1)));
  EXPECT_EQ(process_.pid(), kNobody);
  EXPECT_FALSE(process_.is_live());
}

TEST_F(ProcessHandleTest, ItsMercyEndsOnceAndMayBeMadeShorter) {
  process_.OnStarted(kNobody, kStart);
  process_.Retire(kStart, seconds(60));
  EXPECT_FALSE(process_.TakeEndOfMercy(kStart + seconds(59)));
  process_.Retire(kStart + seconds(59), seconds(0));
  EXPECT_EQ(process_.retiring_since(), kStart);
  EXPECT_TRUE(process_.TakeEndOfMercy(kStart + seconds(59)));
  EXPECT_FALSE(process_.TakeEndOfMercy(kStart + seconds(70)));
}

TEST_F(ProcessHandleTest, IsLateOnceAndOnlyWhileItStarts) {
  EXPECT_FALSE(process_.TakeLateness(kStart + seconds(30), seconds(20)));
  process_.OnStarted(kNobody, kStart);
  EXPECT_FALSE(process_.TakeLateness(kStart + seconds(19), seconds(20)));
  EXPECT_TRUE(process_.TakeLateness(kStart + seconds(20), seconds(20)));
  EXPECT_FALSE(process_.TakeLateness(kStart + seconds(21), seconds(20)));
}

TEST_F(ProcessHandleTest, TellsByTheLinkWhileTheOtherEndIsThere) {
  EXPECT_TRUE(process_.Tell({.kind = MessageKind::kRetire}));
  EXPECT_EQ(ends_.second.Receive()->kind, MessageKind::kRetire);
  ends_.second.Release().reset();
  EXPECT_FALSE(process_.Tell({.kind = MessageKind::kRetire}));
}

}  // namespace
}  // namespace uwsgi
