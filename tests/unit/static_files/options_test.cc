// SPDX-License-Identifier: MIT

#include "static_files/options.h"

#include <gtest/gtest.h>

namespace uwsgi {
namespace {

using std::chrono::seconds;

TEST(ParseStaticMapTest, SplitsAtTheFirstEqualsSign) {
  const auto map = ParseStaticMap("/a//=dir=x");
  ASSERT_TRUE(map);
  EXPECT_EQ(map->prefix, "/a//");
  EXPECT_EQ(map->directory, "dir=x");
  EXPECT_EQ(map->Mount(), "/a");
  EXPECT_EQ(ParseStaticMap("/=dir")->Mount(), "");
  for (const char* text : {"", "/a", "/a="}) EXPECT_FALSE(ParseStaticMap(text)) << text;
}

TEST(ParseFollowLinksTest, TakesWhatItShows) {
  for (const char* text : {"none", "safe", "owner", "all"}) {
    const auto follow = ParseFollowLinks(text);
    ASSERT_TRUE(follow) << text;
    EXPECT_EQ(ShowValue(*follow), text);
  }
  EXPECT_EQ(*ParseFollowLinks("owner"), FollowLinks::kOwner);
  EXPECT_EQ(ParseFollowLinks("").error().message, "expected none, safe, owner or all");
}

TEST(ParseAddedMimeTypeTest, TheExtensionsFollowTheLastEqualsSign) {
  const auto added = ParseAddedMimeType("text/x; v=1=CSS other");
  ASSERT_TRUE(added);
  EXPECT_EQ(added->type, "text/x; v=1");
  EXPECT_EQ(added->extensions, "CSS other");
  for (const char* text : {"", "css", "text=css", "text/css", "text/css="}) {
    EXPECT_FALSE(ParseAddedMimeType(text)) << text;
  }
}

TEST(ParseExpiryTest, TheSecondsStandAtTheEnd) {
  EXPECT_EQ(ParsePatternExpiry("a b|css  7")->keep, seconds(7));
  EXPECT_TRUE(ParsePatternExpiry("a b|css  7")->pattern.Matches("a b"));
  EXPECT_EQ(ParseTypeExpiry("text/css=60")->type, "text/css");
  EXPECT_EQ(ParseTypeExpiry("text/css=60")->keep, seconds(60));
  for (const char* text :
       {"", "60", " 60", "css sixty", "css -1", "css 6x", "css 9999999999999999999"}) {
    EXPECT_EQ(ParsePatternExpiry(text).error().message, "expected REGEX SECONDS") << text;
  }
  EXPECT_EQ(ParsePatternExpiry("( 60").error().message.substr(0, 27),
            "`(` is no regular expressio");
  for (const char* text : {"", "text/css", "text/css=", "=60", "text/css=6x", "text/css 60"}) {
    EXPECT_EQ(ParseTypeExpiry(text).error().message, "expected TYPE=SECONDS") << text;
  }
}

TEST(ParseFileServeModeTest, TakesTheNamesOfHeaders) {
  EXPECT_EQ(*ParseFileServeMode("x-sendfile"), FileServeMode::kSendfile);
  EXPECT_EQ(*ParseFileServeMode("x-accel-redirect"), FileServeMode::kAccelRedirect);
  EXPECT_FALSE(ParseFileServeMode("X-Sendfile"));
  EXPECT_EQ(ShowValue(FileServeMode::kOff), "");
}

}  // namespace
}  // namespace uwsgi
