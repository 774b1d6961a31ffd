// SPDX-License-Identifier: MIT

#include "compression/message_deflate.h"

#include <gtest/gtest.h>

#include <string>

namespace uwsgi::compression {
namespace {

using namespace std::string_literals;

// RFC 7692, section 7.2.3.1.
TEST(MessageDeflateTest, WritesTheExampleOfTheStandard) {
  std::string out = "before ";
  ASSERT_TRUE(DeflateMessage("Hello", 15, out));
  EXPECT_EQ(out, "before \xf2\x48\xcd\xc9\xc9\x07\x00"s);
}

TEST(MessageDeflateTest, GetsBackWhatItWrote) {
  std::string noise;
  unsigned state = 1;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 1103515245U + 12345U;
    noise += static_cast<char>(state >> 16U);
  }
  for (const std::string& message : {""s, "x"s, std::string(300'000, 'x'), noise}) {
    for (const int bits : {9, 12, 15}) {
      std::string compressed;
      ASSERT_TRUE(DeflateMessage(message, bits, compressed));
      std::string inflated = "what was there before";
      EXPECT_EQ(InflateMessage(compressed, 300'000, inflated), Inflated::kOk);
      EXPECT_EQ(inflated, message);
    }
  }
}

TEST(MessageDeflateTest, StopsAtTheLimit) {
  std::string compressed;
  ASSERT_TRUE(DeflateMessage(std::string(10'000'000, 'x'), 15, compressed));
  std::string inflated;
  EXPECT_EQ(InflateMessage(compressed, 1000, inflated), Inflated::kTooLarge);
  EXPECT_EQ(inflated.size(), 1000U);
}

TEST(MessageDeflateTest, RefusesWhatIsNoDeflate) {
  std::string inflated;
  EXPECT_EQ(InflateMessage("\xff\xff\xff", 1000, inflated), Inflated::kMalformed);
}

}  // namespace
}  // namespace uwsgi::compression
