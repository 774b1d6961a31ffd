// SPDX-License-Identifier: MIT

#include "options/option_set.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace uwsgi::config {
namespace {

struct Colours {
  int red = 1;
};
struct Owners {
  std::unique_ptr<int> only;  // Structs need not be copied.
};

TEST(OptionSetTest, AStructThatNobodyWroteToHasItsDefaults) {
  const OptionSet set;
  EXPECT_EQ(set.Get<Colours>().red, 1);
  EXPECT_EQ(set.Get<Owners>().only, nullptr);
}

TEST(OptionSetTest, StructsAreFoundByTheirType) {
  OptionSet set;
  set.Change<Colours>().red = 7;
  set.Change<Owners>().only = std::make_unique<int>(3);
  EXPECT_EQ(set.Get<Colours>().red, 7);
  EXPECT_EQ(*set.Get<Owners>().only, 3);
  EXPECT_EQ(OptionSet().Get<Colours>().red, 1);
}

TEST(OptionSetTest, ReferencesHoldWhenItIsMoved) {
  OptionSet set;
  Colours& colours = set.Change<Colours>();
  const OptionSet moved = std::move(set);
  EXPECT_EQ(&moved.Get<Colours>(), &colours);
}

}  // namespace
}  // namespace uwsgi::config
