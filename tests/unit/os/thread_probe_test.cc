// SPDX-License-Identifier: MIT

#include "os/thread_probe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <semaphore>
#include <thread>

namespace uwsgi::os {
namespace {

using namespace std::chrono_literals;

template <typename Condition>
bool Becomes(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(ThreadProbeTest, TellsAComputingThreadFromAWaitingOne) {
  std::atomic<pid_t> tid{0};
  std::atomic<bool> compute{true};
  std::binary_semaphore end{0};
  std::thread thread([&] {
    tid = ::gettid();
    while (compute) {
    }
    end.acquire();
  });
  while (tid == 0) std::this_thread::yield();
  const ThreadProbe probe(tid);
  EXPECT_FALSE(probe.IsWaiting());
  const std::int64_t before = probe.CpuNs();
  EXPECT_TRUE(Becomes([&] { return probe.CpuNs() - before > 2'000'000; }));
  compute = false;
  EXPECT_TRUE(Becomes([&] { return probe.IsWaiting(); }));
  end.release();
  thread.join();
}

TEST(ThreadProbeTest, AThreadThatIsGoneCountsAsWaiting) {
  const ThreadProbe probe(2'000'000'000);
  EXPECT_TRUE(probe.IsWaiting());
  EXPECT_EQ(probe.CpuNs(), 0);
}

}  // namespace
}  // namespace uwsgi::os
