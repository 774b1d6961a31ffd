// SPDX-License-Identifier: MIT

#include "websocket/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace uwsgi::websocket {
namespace {

using namespace std::string_view_literals;

TEST(Utf8CheckTest, TakesEveryKindOfCharacterInWhateverPieces) {
  // U+0000, A, the first and last of 2, 3 and 4 bytes, and those around the surrogates.
  const auto text =
      "\0A\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
      "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf plain text of many bytes"sv;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Utf8Check check;
    EXPECT_TRUE(check.Feed(text.substr(0, cut)));
    EXPECT_TRUE(check.Feed(text.substr(cut)));
    EXPECT_TRUE(check.is_complete());
  }
}

TEST(Utf8CheckTest, RefusesWhatIsNone) {
  for (const auto text :
       {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv,
        "\xed\xbf\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv,
        "\xff"sv, "\xc3("sv, "\xe2\x82("sv, "plain text \xfe"sv}) {
    Utf8Check check;
    EXPECT_FALSE(check.Feed(text)) << text;
  }
}

TEST(Utf8CheckTest, RefusesAtTheFirstByteThatNothingCanFollow) {
  Utf8Check check;
  EXPECT_TRUE(check.Feed("\xf4"));
  EXPECT_FALSE(check.Feed("\x90"));
}

TEST(Utf8CheckTest, KnowsACharacterThatIsCutShort) {
  Utf8Check check;
  EXPECT_TRUE(check.Feed("\xe2\x82"));
  EXPECT_FALSE(check.is_complete());
  check.Reset();
  EXPECT_TRUE(check.is_complete());
}

}  // namespace
}  // namespace uwsgi::websocket
