// SPDX-License-Identifier: MIT

#include "ipc/process_control.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "ipc/signals.h"

namespace uwsgi {
namespace {

class ProcessControlTest : public testing::Test {
 protected:
  void SetUp() override {
    auto ends = Link::Create();
    ASSERT_TRUE(ends);
    master_ = std::make_unique<Link>(std::move(ends->first));
    zygote_ = std::make_unique<Link>(std::move(ends->second));
    auto board = Scoreboard::Create(2, 3);
    ASSERT_TRUE(board);
    board_ = std::make_unique<Scoreboard>(*std::move(board));
    context_.scoreboard = board_.get();
    context_.link = zygote_.get();
    context_.master_pid = 4321;
    context_.number = 2;
  }
  int ReceivedSignal() const {
    const auto message = master_->TryReceive();
    if (!message || !message->has_value()) return 0;
    const auto number = (*message)->As<Number>();
    return (*message)->kind == MessageKind::kSignal && number ? number->value : -1;
  }

  std::unique_ptr<Link> master_;
  std::unique_ptr<Link> zygote_;
  std::unique_ptr<Scoreboard> board_;
  GenerationContext context_;
  os::ProcessTitle title_;
};

TEST_F(ProcessControlTest, TheZygoteTakesItselfForTheMaster) {
  const ProcessControl control(context_, 65535, title_, "/usr/bin/uwsgi");
  EXPECT_EQ(control.master_pid(), ::getpid());
  EXPECT_EQ(control.worker_id(), 0);
  EXPECT_TRUE(control.is_a_reload());
}

TEST_F(ProcessControlTest, AWorkerKnowsTheMaster) {
  ProcessControl control(context_, 65535, title_, "/usr/bin/uwsgi");
  control.EnterWorker({.worker_id = 2, .slot = 2});
  EXPECT_EQ(control.master_pid(), 4321);
  EXPECT_EQ(control.worker_id(), 2);
  EXPECT_EQ(control.worker_count(), 2);
  EXPECT_EQ(control.threads(), 3);
}

TEST_F(ProcessControlTest, WithoutAMasterNobodyCanBeAsked) {
  context_.master_pid = 0;
  context_.link = nullptr;
  ProcessControl control(context_, 65535, title_, "/usr/bin/uwsgi");
  EXPECT_EQ(control.master_pid(), 0);
  EXPECT_FALSE(control.RequestReload());
  EXPECT_FALSE(control.RequestStop());
}

TEST_F(ProcessControlTest, AsksTheMasterOverTheLink) {
  ProcessControl control(context_, 65535, title_, "/usr/bin/uwsgi");
  EXPECT_TRUE(control.RequestReload());
  EXPECT_EQ(ReceivedSignal(), SIGHUP);
  EXPECT_TRUE(control.RequestStop());
  EXPECT_EQ(ReceivedSignal(), kStopSignal);
}

TEST_F(ProcessControlTest, ShowsTheProcessThatAcceptsOfAWorkerThatIsReplaced) {
  const ProcessControl control(context_, 65535, title_, "/usr/bin/uwsgi");
  board_->counters(1).requests = 100;
  board_->counters(1).app(1).requests = 60;
  board_->counters(1).app(1).exceptions = 2;
  EnterSlot(*board_, 1, 0);
  board_->process(0).pid = 10;
  board_->process(0).state = WorkerState::kReady;
  board_->process(0).busy_threads = 1;
  EnterSlot(*board_, 1, 1);
  board_->process(1).pid = 11;
  auto workers = control.Workers();
  ASSERT_EQ(workers.size(), 2U);
  EXPECT_EQ(workers[0].pid, 10);
  EXPECT_EQ(workers[0].status, "busy");
  EXPECT_TRUE(workers[0].accepting);
  EXPECT_EQ(workers[0].requests, 100U);
  EXPECT_EQ(workers[0].apps.at(0).requests, 0U);
  EXPECT_EQ(workers[0].apps.at(1).requests, 60U);
  EXPECT_EQ(workers[0].apps.at(1).exceptions, 2U);
  EXPECT_EQ(workers[0].respawn_count, 2U);
  EXPECT_EQ(workers[1].status, "cheap");
  board_->process(0).state = WorkerState::kDraining;
  board_->process(1).state = WorkerState::kReady;
  workers = control.Workers();
  EXPECT_EQ(workers[0].pid, 11);
  EXPECT_EQ(workers[0].status, "idle");
}

}  // namespace
}  // namespace uwsgi
