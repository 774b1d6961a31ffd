// SPDX-License-Identifier: MIT

#include "base/underscore_names.h"

#include <gtest/gtest.h>

namespace uwsgi {
namespace {

TEST(UnderscoreNamesTest, ListsExactlyTheSpellingsInWhateverCase) {
  const auto names = UnderscoreNames::Parse("OIDC_CLAIM_email, REMOTE_USER x_given-name");
  ASSERT_TRUE(names);
  for (const char* name : {"OIDC_CLAIM_email", "oidc_claim_EMAIL", "Remote_User", "X_Given-Name"}) {
    EXPECT_TRUE(names->Has(name)) << name;
    EXPECT_TRUE(names->Claims(name)) << name;
  }
  for (const char* name : {"OIDC-CLAIM-EMAIL", "OIDC_CLAIM-email", "X-GIVEN_NAME"}) {
    EXPECT_FALSE(names->Has(name)) << name;
    EXPECT_TRUE(names->Claims(name)) << name;
  }
  for (const char* name : {"", "OIDC_CLAIM_emai", "OIDC_CLAIM_emails", "User"}) {
    EXPECT_FALSE(names->Has(name)) << name;
    EXPECT_FALSE(names->Claims(name)) << name;
  }
}

TEST(UnderscoreNamesTest, ListsNothingByDefault) {
  EXPECT_TRUE(UnderscoreNames().empty());
  EXPECT_TRUE(UnderscoreNames::Parse(" , ")->empty());
}

TEST(UnderscoreNamesTest, RefusesWhatCanNotBeListed) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"X_A,User", "User has no underscore"},
      {"X_A:", "X_A: is no header's name"},
      {"Content_Length", "Content_Length would pose as a header that the server itself goes by"},
      {"content_TYPE", "content_TYPE would pose as a header that the server itself goes by"},
      {"Transfer_Encoding",
       "Transfer_Encoding would pose as a header that the server itself goes by"},
  };
  for (const auto& row : kCases) {
    const auto names = UnderscoreNames::Parse(row.text);
    ASSERT_FALSE(names) << row.text;
    EXPECT_EQ(names.error().message, row.message);
  }
}

}  // namespace
}  // namespace uwsgi
