// SPDX-License-Identifier: MIT

#include "python/app_loader.h"

#include <gtest/gtest.h>

namespace uwsgi::python {
namespace {

// Loading itself is tested with the application host, which reports on it.
TEST(AppTargetTest, ReadsModuleTargets) {
  EXPECT_EQ(ParseModuleTarget("pkg.mod"), (AppTarget{false, "pkg.mod", "", false}));
  EXPECT_EQ(ParseModuleTarget("pkg.mod:app"), (AppTarget{false, "pkg.mod", "app", false}));
  EXPECT_EQ(ParseModuleTarget("pkg.mod:make()"), (AppTarget{false, "pkg.mod", "make", true}));
  EXPECT_EQ(ParseModuleTarget("pkg:site.app"), (AppTarget{false, "pkg", "site.app", false}));
}

TEST(AppTargetTest, ReadsMountTargets) {
  EXPECT_EQ(ParseMountTarget("/srv/app.py"), (AppTarget{true, "/srv/app.py", "", false}));
  EXPECT_EQ(ParseMountTarget("site.wsgi"), (AppTarget{true, "site.wsgi", "", false}));
  EXPECT_EQ(ParseMountTarget("app.py:make()"), (AppTarget{true, "app.py", "make", true}));
  EXPECT_EQ(ParseMountTarget("pkg.mod:app"), (AppTarget{false, "pkg.mod", "app", false}));
}

}  // namespace
}  // namespace uwsgi::python
