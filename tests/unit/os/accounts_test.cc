// SPDX-License-Identifier: MIT

#include "os/accounts.h"

#include <gtest/gtest.h>

namespace uwsgi::os {
namespace {

TEST(AccountsTest, NamesAndNumbersResolve) {
  EXPECT_EQ(*ResolveUser("root"), 0U);
  EXPECT_EQ(*ResolveUser("12345"), 12345U);
  EXPECT_EQ(*ResolveGroup("root"), 0U);
  EXPECT_EQ(*ResolveGroup("23456"), 23456U);
}

TEST(AccountsTest, UnknownNamesAreSaidAsUwsgiSaysThem) {
  EXPECT_EQ(ResolveUser("no-such-user").error().message, "uid no-such-user not found.");
  EXPECT_EQ(ResolveGroup("no-such-group").error().message, "gid no-such-group not found.");
}

TEST(AccountsTest, OwnersHaveAUserAGroupOrBoth) {
  EXPECT_EQ(ResolveOwner("root")->uid, 0U);
  EXPECT_FALSE(ResolveOwner("root")->gid.has_value());
  EXPECT_EQ(ResolveOwner("1:2")->gid, 2U);
  EXPECT_FALSE(ResolveOwner(":2")->uid.has_value());
  EXPECT_EQ(ResolveOwner(":2")->gid, 2U);
  EXPECT_FALSE(ResolveOwner("root:no-such-group").ok());
}

}  // namespace
}  // namespace uwsgi::os
