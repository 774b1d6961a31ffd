// SPDX-License-Identifier: MIT

#include "dispatch/job.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "dispatch/dispatcher.h"
#include "dispatch/fake_reactor.h"
#include "support/child_process.h"
#include "support/fake_gateway.h"

namespace uwsgi {
namespace {

using testing::FakeGateway;

class FunctionJob final : public Job {
 public:
  explicit FunctionJob(std::function<void(FakeGateway&)> function)
      : function_(std::move(function)) {}
  void Run(Gateway& gateway) noexcept override { function_(static_cast<FakeGateway&>(gateway)); }

 private:
  const std::function<void(FakeGateway&)> function_;
};

// A dispatcher on a thread of its own, until the end of the test.
class JobTest : public ::testing::Test {
 protected:
  void Serve(int threads) {
    DispatcherOptions options;
    options.threads = threads;
    dispatcher_ = std::make_unique<Dispatcher>(options, gateway_, reactor_, reactor_);
    thread_ = std::thread([this] { EXPECT_TRUE(dispatcher_->Run().ok()); });
  }
  void Finish() {
    reactor_.StopWhenDone();
    if (thread_.joinable()) thread_.join();
  }
  void TearDown() override { Finish(); }
  void Post(std::function<void(FakeGateway&)> function) {
    reactor_.Post(std::make_unique<FunctionJob>(std::move(function)));
  }

  std::function<void(FakeGateway&, Exchange&)> application_ = [](FakeGateway&, Exchange&) {};
  FakeGateway gateway_{
      [this](FakeGateway& self, Exchange& exchange) { application_(self, exchange); }};
  FakeReactor reactor_{2000};
  std::unique_ptr<Dispatcher> dispatcher_;
  std::thread thread_;
};

TEST_F(JobTest, AnIdleWorkerRunsItAtOnce) {
  Serve(4);
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> has_run{false};
    Post([&](FakeGateway&) { has_run = true; });
    EXPECT_TRUE(WaitUntil([&] { return has_run.load(); }));
  }
  EXPECT_EQ(dispatcher_->threads_started(), 1);
}

TEST_F(JobTest, TakesTurnsWithRequests) {
  std::string order;
  application_ = [&](FakeGateway&, Exchange&) { order += 'r'; };
  for (int i = 0; i < 4; ++i) Post([&](FakeGateway&) { order += 'j'; });
  reactor_.Arrive(3);
  reactor_.StopWhenDone();
  Serve(1);
  Finish();
  EXPECT_EQ(order, "jrjrjrj");
}

TEST_F(JobTest, HasTheExecutionRight) {
  constexpr int kEach = 200;
  int count = 0;  // Guarded by the right.
  std::atomic<int> jobs{0};
  application_ = [&](FakeGateway& self, Exchange&) {
    ++count;
    self.Block([] { std::this_thread::yield(); });
  };
  Serve(4);
  for (int i = 0; i < kEach; ++i) {
    reactor_.Arrive(1);
    Post([&](FakeGateway& self) {
      ++count;
      self.Block([] { std::this_thread::yield(); });
      ++jobs;
    });
  }
  EXPECT_TRUE(WaitUntil([&] { return jobs == kEach; }));
  Finish();
  EXPECT_EQ(reactor_.finished(), kEach);
  EXPECT_EQ(count, 2 * kEach);
}

TEST_F(JobTest, RequestsAreServedWhileOneBlocks) {
  std::atomic<int> served{0};
  std::atomic<bool> has_seen{false};
  application_ = [&](FakeGateway&, Exchange&) { ++served; };
  Serve(2);
  Post([&](FakeGateway& self) {
    self.Block([&] {
      reactor_.Arrive(5);
      has_seen = WaitUntil([&] { return served == 5; });
    });
  });
  EXPECT_TRUE(WaitUntil([&] { return served == 5; }));
  Finish();
  EXPECT_TRUE(has_seen);
}

TEST_F(JobTest, TheLoopIsKeptAliveWhileOneBlocksTheOnlyThread) {
  std::atomic<bool> was_cared_for{false};
  Serve(1);
  Post([&](FakeGateway& self) {
    self.Block([&] { was_cared_for = WaitUntil([&] { return reactor_.cared() > 0; }); });
  });
  EXPECT_TRUE(WaitUntil([&] { return was_cared_for.load(); }));
}

}  // namespace
}  // namespace uwsgi
