// SPDX-License-Identifier: MIT

#include "os/held_descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "os/fd_passing.h"

namespace uwsgi::os {
namespace {

TEST(HeldDescriptorsTest, ADescriptorIsIntactUntilItIsClosed) {
  auto pair = MakeSocketPair();
  ASSERT_TRUE(pair);
  HeldDescriptors held;
  held.Note(pair->first.get(), "one end");
  held.Note(pair->second.get(), "the other end");
  held.Note(-1, "nothing");
  EXPECT_EQ(held.FindLost(), "");
  EXPECT_TRUE(held.IsIntact(pair->second.get()));
  const int number = pair->second.get();
  pair->second.reset();
  EXPECT_EQ(held.FindLost(), "the other end");
  EXPECT_FALSE(held.IsIntact(number));
}

TEST(HeldDescriptorsTest, AnotherFileUnderItsNumberIsNotIt) {
  auto pair = MakeSocketPair();
  ASSERT_TRUE(pair);
  HeldDescriptors held;
  held.Note(pair->first.get(), "one end");
  ASSERT_GE(dup2(pair->second.get(), pair->first.get()), 0);
  EXPECT_EQ(held.FindLost(), "one end");
  EXPECT_FALSE(held.IsIntact(pair->first.get()));
}

TEST(HeldDescriptorsTest, WhatWasNotNotedIsNotIntact) {
  EXPECT_FALSE(HeldDescriptors().IsIntact(STDERR_FILENO));
}

}  // namespace
}  // namespace uwsgi::os
