// SPDX-License-Identifier: MIT

#include "wsgi/options.h"

#include <gtest/gtest.h>

namespace uwsgi {
namespace {

TEST(ParseMountTest, SplitsAtTheFirstEqualsSign) {
  const auto mount = ParseMount("/x=module:app=1");
  ASSERT_TRUE(mount);
  EXPECT_EQ(mount->prefix, "/x");
  EXPECT_EQ(mount->app, "module:app=1");
  EXPECT_EQ(ParseMount("/x").error().message, "expected /PREFIX=APP");
}

}  // namespace
}  // namespace uwsgi
