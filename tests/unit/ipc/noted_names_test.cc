// SPDX-License-Identifier: MIT

#include "ipc/noted_names.h"

#include <gtest/gtest.h>

#include <string>

namespace uwsgi {
namespace {

using Outcome = NotedNames::Outcome;

TEST(NotedNamesTest, EachNameIsNewOnce) {
  NotedNames names{};
  EXPECT_EQ(names.Note("x_a"), Outcome::kNew);
  EXPECT_EQ(names.Note("x_b"), Outcome::kNew);
  EXPECT_EQ(names.Note("x_a"), Outcome::kKnown);
  EXPECT_EQ(names.Note(""), Outcome::kNew);
}

TEST(NotedNamesTest, SaysOnceThatThereIsNoMoreRoom) {
  NotedNames names{};
  for (std::size_t i = 0; i < names.hashes.size(); ++i) {
    EXPECT_EQ(names.Note("x_" + std::to_string(i)), Outcome::kNew);
  }
  EXPECT_EQ(names.Note("x_a"), Outcome::kLast);
  EXPECT_EQ(names.Note("x_a"), Outcome::kKnown);
  EXPECT_EQ(names.Note("x_b"), Outcome::kKnown);
  EXPECT_EQ(names.Note("x_0"), Outcome::kKnown);
}

}  // namespace
}  // namespace uwsgi
