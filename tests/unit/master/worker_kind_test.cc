// SPDX-License-Identifier: MIT

#include "master/worker_kind.h"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include "os/clock.h"

namespace uwsgi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = ProcessHandle::Clock;

class WorkerKindTest : public testing::Test {
 protected:
  // In seat 2, and ready.
  ProcessHandle Worker(Clock::time_point started, double spread = 0) {
    ProcessHandle worker(2, 3, std::move(Link::Create()->first), spread, started);
    worker.OnStarted(1234, started);
    worker.OnReady(started);
    return worker;
  }
  void SetDeadline(std::chrono::nanoseconds from_now) {
    scoreboard_->thread(3, 1).deadline_ns = os::MonotonicNs() + from_now.count();
  }

  Result<Scoreboard> scoreboard_ = Scoreboard::Create(2, 2);
  GenerationPlan plan_;
};

TEST_F(WorkerKindTest, IsDueWhenItsLifetimeIsReachedEachAtAnotherTime) {
  plan_.recycling.max_worker_lifetime = seconds(100);
  const ProcessKind kind = WorkerKind(plan_, *scoreboard_);
  const auto start = Clock::now();
  EXPECT_FALSE(kind.is_due(Worker(start), start + milliseconds(99'900)));
  EXPECT_TRUE(kind.is_due(Worker(start), start + seconds(100)));
  EXPECT_FALSE(kind.is_due(Worker(start, 1), start + milliseconds(109'900)));
  EXPECT_TRUE(kind.is_due(Worker(start, 1), start + seconds(110)));
}

TEST_F(WorkerKindTest, IsNeverDueWithoutALifetime) {
  const ProcessKind kind = WorkerKind(plan_, *scoreboard_);
  const auto start = Clock::now();
  EXPECT_FALSE(kind.is_due(Worker(start), start + std::chrono::hours(10'000)));
}

TEST_F(WorkerKindTest, IsStuckAWhileAfterTheDeadlineOfARequest) {
  plan_.harakiri_graceful_timeout = seconds(5);
  const ProcessKind kind = WorkerKind(plan_, *scoreboard_);
  const ProcessHandle worker = Worker(Clock::now() - seconds(1000));
  EXPECT_FALSE(kind.is_stuck(worker));
  SetDeadline(-seconds(6));  // It has its own grace, and two seconds more.
  EXPECT_FALSE(kind.is_stuck(worker));
  SetDeadline(-seconds(8));
  EXPECT_TRUE(kind.is_stuck(worker));
  EXPECT_EQ(scoreboard_->counters(2).harakiri_count, 1U);
}

TEST_F(WorkerKindTest, NoDeadlineIsBeforeTheFork) {
  const ProcessKind kind = WorkerKind(plan_, *scoreboard_);
  SetDeadline(-seconds(100));
  EXPECT_FALSE(kind.is_stuck(Worker(Clock::now() - seconds(50))));
}

TEST_F(WorkerKindTest, WritesDownWhatAWorkerIsToldAndFreesItsSlot) {
  const ProcessKind kind = WorkerKind(plan_, *scoreboard_);
  const ProcessHandle worker = Worker(Clock::now());
  kind.on_told(worker, SIGINT);
  EXPECT_EQ(scoreboard_->process(3).told, SIGINT);
  kind.on_gone(worker);
  EXPECT_EQ(scoreboard_->process(3).told, 0);
}

TEST_F(WorkerKindTest, ReloadMercyShortensTheMercyWhenAllGo) {
  plan_.recycling.worker_reload_mercy = seconds(60);
  EXPECT_EQ(WorkerKind(plan_, *scoreboard_).stop.drain_mercy, seconds(60));
  plan_.master.reload_mercy = seconds(7);
  EXPECT_EQ(WorkerKind(plan_, *scoreboard_).stop.drain_mercy, seconds(7));
  EXPECT_EQ(WorkerKind(plan_, *scoreboard_).stop.mercy, seconds(60));
  plan_.master.reload_mercy = seconds(70);
  EXPECT_EQ(WorkerKind(plan_, *scoreboard_).stop.drain_mercy, seconds(60));
}

}  // namespace
}  // namespace uwsgi
