// SPDX-License-Identifier: MIT

#include "worker/connection_reactor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "support/child_process.h"
#include "worker/serving_harness.h"

namespace uwsgi {
namespace {

using testing::FakeGateway;
using testing::HarnessOptions;
using testing::ServingHarness;

class CountingJob final : public Job {
 public:
  explicit CountingJob(std::atomic<int>& count) : count_(count) {}
  void Run(Gateway&) noexcept override { ++count_; }

 private:
  std::atomic<int>& count_;
};

TEST(ConnectionReactorTest, AJobWakesAnIdleWorker) {
  ServingHarness server([](FakeGateway&, Exchange&) {});
  std::atomic<int> count{0};
  for (int i = 1; i <= 20; ++i) {
    server.Post(std::make_unique<CountingJob>(count));
    EXPECT_TRUE(WaitUntil([&] { return count == i; }));
  }
}

TEST(ConnectionReactorTest, AJobNeedNotWaitForTheEndOfARequestThatBlocks) {
  std::atomic<int> count{0};
  std::atomic<bool> has_run_meanwhile{false};
  HarnessOptions options;
  options.threads = 2;
  ServingHarness* harness = nullptr;
  ServingHarness server(
      [&](FakeGateway& gateway, Exchange&) {
        gateway.Block([&] {
          harness->Post(std::make_unique<CountingJob>(count));
          has_run_meanwhile = WaitUntil([&] { return count == 1; });
        });
      },
      Wire::kHttp, options);
  harness = &server;
  server.Ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(has_run_meanwhile);
}

}  // namespace
}  // namespace uwsgi
