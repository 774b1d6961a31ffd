// SPDX-License-Identifier: MIT

#include "os/privileges.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "os/accounts.h"
#include "support/child_process.h"

namespace uwsgi::os {
namespace {

TEST(PrivilegesTest, UnknownNamesGiveNoIdentity) {
  ProcessOptions options;
  options.additional_gids = {"no-such-group"};
  EXPECT_FALSE(ResolveIdentity(options).ok());
  options = {};
  options.gid = "no-such-group";
  EXPECT_FALSE(ResolveIdentity(options).ok());
  options = {};
  options.uid = "-1";
  EXPECT_FALSE(ResolveIdentity(options).ok());
}

TEST(PrivilegesTest, NothingToChangeIsNoError) {
  const auto identity = ResolveIdentity({});
  ASSERT_TRUE(identity.ok());
  EXPECT_FALSE(identity->changes_anything());
  EXPECT_TRUE(DropPrivileges(*identity).ok());
}

TEST(PrivilegesTest, RootBecomesTheUserForGood) {
  if (geteuid() != 0) GTEST_SKIP() << "takes root";
  const int status = RunInChild([] {
    ProcessOptions options;
    options.uid = "nobody";
    options.gid = "23456";
    options.additional_gids = {"34567"};
    if (!DropPrivileges(*ResolveIdentity(options)).ok()) return 1;
    if (geteuid() != *ResolveUser("nobody") || getegid() != 23456) return 2;
    std::vector<gid_t> groups(64);
    groups.resize(static_cast<std::size_t>(getgroups(64, groups.data())));
    if (std::ranges::find(groups, 34567U) == groups.end()) return 3;
    if (std::ranges::find(groups, 0U) != groups.end()) return 4;
    return setuid(0) == 0 ? 5 : 0;
  });
  EXPECT_EQ(status, 0);
}

TEST(PrivilegesTest, AUserAloneLosesRootsGroups) {
  if (geteuid() != 0) GTEST_SKIP() << "takes root";
  const int status = RunInChild([] {
    ProcessOptions options;
    options.uid = "54321";
    options.no_initgroups = true;
    if (!DropPrivileges(*ResolveIdentity(options)).ok()) return 1;
    gid_t groups[8];
    return getgroups(8, groups) == 1 && groups[0] == getegid() ? 0 : 2;
  });
  EXPECT_EQ(status, 0);
}

TEST(PrivilegesTest, OthersMayOnlyStayWhoTheyAre) {
  const int status = RunInChild([] {
    if (geteuid() == 0 && (setgid(12345) != 0 || setuid(12345) != 0)) return 1;
    Identity same;
    same.uid = geteuid();
    same.gid = getegid();
    if (!DropPrivileges(same).ok()) return 2;
    Identity other;
    other.uid = geteuid() + 1;
    if (DropPrivileges(other).error().message != "cannot setuid() as non-root user") return 3;
    other = {};
    other.gid = getegid() + 1;
    if (DropPrivileges(other).error().message != "cannot setgid() as non-root user") return 4;
    return 0;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace uwsgi::os
