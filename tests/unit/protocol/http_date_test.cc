// SPDX-License-Identifier: MIT

#include "protocol/http_date.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace uwsgi::protocol {
namespace {

constexpr std::time_t kMoment = 784111777;   // The RFC's example.
constexpr std::time_t kNow = 1'795'000'000;  // In November 2026.

TEST(HttpDateTest, Formats) {
  EXPECT_EQ(FormatHttpDate(kMoment), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(FormatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(FormatHttpDate(951782399), "Mon, 28 Feb 2000 23:59:59 GMT");
  EXPECT_EQ(FormatHttpDate(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST(HttpDateTest, ParsesTheThreeForms) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kMoment);
  EXPECT_EQ(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kMoment);
  EXPECT_EQ(ParseHttpDate("Sun Nov  6 08:49:37 1994", kNow), kMoment);
  EXPECT_EQ(ParseHttpDate("Wed Nov 16 08:49:37 1994", kNow), kMoment + 10 * 86400);
}

TEST(HttpDateTest, CompletesTwoDigitYears) {
  EXPECT_EQ(FormatHttpDate(*ParseHttpDate("Monday, 01-Jan-76 00:00:00 GMT", kNow)).substr(12, 4),
            "2076");
  EXPECT_EQ(FormatHttpDate(*ParseHttpDate("Monday, 01-Jan-77 00:00:00 GMT", kNow)).substr(12, 4),
            "1977");
  EXPECT_EQ(FormatHttpDate(*ParseHttpDate("Monday, 01-Jan-00 00:00:00 GMT", kNow)).substr(12, 4),
            "2000");
}

TEST(HttpDateTest, RoundTrips) {
  for (std::time_t time = 0; time < 4'000'000'000; time += 7'654'321) {
    EXPECT_EQ(ParseHttpDate(FormatHttpDate(time), kNow), time);
  }
}

TEST(HttpDateTest, ReachesAsFarAsItsDigits) {
  for (const char* text : {"Thu, 01 Jan 0000 00:00:00 GMT", "Tue, 14 Nov 0023 22:13:20 GMT",
                           "Fri, 31 Dec 9999 23:59:59 GMT"}) {
    const auto time = ParseHttpDate(text, kNow);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(FormatHttpDate(*time).substr(4), std::string(text).substr(4));
  }
}

TEST(HttpDateTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           "now",
                           "Sun",
                           "Sun,",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 94 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT",
                           "Sun, 06 Nov 1994 08:60:37 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 0x Nov 1994 08:49:37 GMT",
                           "Sun, 06",
                           "Sunday, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06-Nov-94 08:49:37 GMT",
                           "Xxx, 06 Nov 1994 08:49:37 GMT",
                           "Sun Nov 6 08:49:37 1994",
                           "Sun Nov  6 08:49:37 94"}) {
    // Nothing may be looked at beyond its end: the sanitizers watch.
    const std::vector<char> bytes(text, text + std::strlen(text));
    EXPECT_FALSE(ParseHttpDate({bytes.data(), bytes.size()}, kNow)) << text;
  }
}

}  // namespace
}  // namespace uwsgi::protocol
