// SPDX-License-Identifier: MIT

#include "dispatch/job_queue.h"

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace uwsgi {
namespace {

class NumberedJob final : public Job {
 public:
  explicit NumberedJob(int number) : number_(number) {}
  int number() const { return number_; }
  void Run(Gateway&) noexcept override {}

 private:
  const int number_;
};

int NumberOf(const std::unique_ptr<Job>& job) {
  return job == nullptr ? -1 : static_cast<NumberedJob&>(*job).number();
}

TEST(JobQueueTest, IsFirstInFirstOut) {
  JobQueue queue;
  EXPECT_EQ(NumberOf(queue.Take()), -1);
  for (int number = 1; number <= 3; ++number) queue.Put(std::make_unique<NumberedJob>(number));
  EXPECT_FALSE(queue.is_empty());
  for (int number = 1; number <= 3; ++number) EXPECT_EQ(NumberOf(queue.Take()), number);
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(NumberOf(queue.Take()), -1);
}

TEST(JobQueueTest, TakesFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 1000;
  JobQueue queue;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&queue] {
      for (int i = 0; i < kEach; ++i) queue.Put(std::make_unique<NumberedJob>(i));
    });
  }
  int taken = 0;
  while (taken < kThreads * kEach) {
    if (queue.Take() != nullptr) ++taken;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(queue.is_empty());
}

}  // namespace
}  // namespace uwsgi
