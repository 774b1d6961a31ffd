// SPDX-License-Identifier: MIT

#include "compression/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace uwsgi {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParseCodingsTest, TakesThoseThatThereAreEncodersOf) {
  EXPECT_THAT(ParseCodings("gzip, br,zstd")->names, ElementsAre("gzip", "br", "zstd"));
  EXPECT_THAT(ParseCodings("Off")->names, IsEmpty());
  EXPECT_THAT(ParseCodings("")->names, IsEmpty());
  EXPECT_EQ(ParseCodings("br,deflate").error().message, "deflate is none of br, zstd and gzip");
  EXPECT_EQ(ShowValue(*ParseCodings("gzip, br")), "gzip,br");
}

TEST(ParseMediaTypesTest, SplitsAtCommas) {
  EXPECT_THAT(ParseMediaTypes(" text/ ,+json,")->names, ElementsAre("text/", "+json"));
  EXPECT_EQ(ShowValue(*ParseMediaTypes("a/b,c/d")), "a/b, c/d");
}

}  // namespace
}  // namespace uwsgi
