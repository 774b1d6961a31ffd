// SPDX-License-Identifier: MIT

#include "os/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <string>

namespace uwsgi::os {
namespace {

TEST(ThreadTest, RunsWithItsNameAndStack) {
  std::array<char, 16> name{};
  std::size_t stack = 0;
  Thread thread;
  constexpr std::size_t kStack = 1 << 20;
  ASSERT_TRUE(thread
                  .Start("a name longer than fifteen", kStack,
                         [&] {
                           pthread_getname_np(pthread_self(), name.data(), name.size());
                           pthread_attr_t attributes;
                           pthread_getattr_np(pthread_self(), &attributes);
                           pthread_attr_getstacksize(&attributes, &stack);
                           pthread_attr_destroy(&attributes);
                         })
                  .ok());
  EXPECT_TRUE(thread.joinable());
  thread.Join();
  EXPECT_FALSE(thread.joinable());
  EXPECT_EQ(std::string(name.data()), "a name longer t");
  EXPECT_EQ(stack, kStack);
}

TEST(ThreadTest, KnowsItsIdInTheKernel) {
  EXPECT_EQ(OwnThreadId(), getpid());
  pid_t other = 0;
  Thread thread;
  ASSERT_TRUE(thread.Start("other", 0, [&] { other = OwnThreadId(); }).ok());
  thread.Join();
  EXPECT_GT(other, 0);
  EXPECT_NE(other, getpid());
}

TEST(ThreadTest, TinyStacksBecomeTheSmallestPossible) {
  Thread thread;
  bool ran = false;
  ASSERT_TRUE(thread.Start("tiny", 1, [&] { ran = true; }).ok());
  thread.Join();
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace uwsgi::os
