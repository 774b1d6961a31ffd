// SPDX-License-Identifier: MIT

#include "protocol/byte_ranges.h"

#include <gtest/gtest.h>

#include <string>

namespace uwsgi::protocol {
namespace {

// "first+count first+count", "whole" or "416".
std::string Parse(std::string_view field, std::uint64_t size) {
  std::vector<ByteRange> ranges;
  switch (ParseByteRanges(field, size, ranges)) {
    case RangeOutcome::kWhole:
      return "whole";
    case RangeOutcome::kUnsatisfiable:
      return "416";
    case RangeOutcome::kPartial:
      break;
  }
  std::string text;
  for (const ByteRange& range : ranges) {
    if (!text.empty()) text += ' ';
    text += std::to_string(range.first) + "+" + std::to_string(range.count);
  }
  return text;
}

TEST(ByteRangesTest, OfAHundredBytes) {
  struct Case {
    std::string_view field;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"bytes=0-0", "0+1"},
      {"bytes=0-9", "0+10"},
      {"bytes=10-", "10+90"},
      {"bytes=0-", "0+100"},
      {"bytes=-1", "99+1"},
      {"bytes=-100", "0+100"},
      {"bytes=-1000", "0+100"},
      {"bytes=90-1000", "90+10"},
      {"bytes=99-99", "99+1"},
      {"bytes=0-99999999999999999999999999", "0+100"},
      {"bytes=0-1,5-6", "0+2 5+2"},
      {"bytes=5-6, 0-1", "5+2 0+2"},
      {"bytes=0-1,200-300", "0+2"},
      {"bytes= 0-1 ,\t3-4", "0+2 3+2"},
      {"bytes=,0-1,,", "0+2"},
      {"Bytes=0-1", "0+2"},
      {"BYTES=-1", "99+1"},
      {"bytes=100-", "416"},
      {"bytes=100-200", "416"},
      {"bytes=99999999999999999999999-", "416"},
      {"bytes=-0", "416"},
      {"bytes=200-300,400-500", "416"},
      {"", "whole"},
      {"bytes", "whole"},
      {"bytes=", "whole"},
      {"bytes=,", "whole"},
      {"bytes=-", "whole"},
      {"bytes=5", "whole"},
      {"bytes=9-5", "whole"},
      {"bytes=a-b", "whole"},
      {"bytes=1-2x", "whole"},
      {"bytes=+1-2", "whole"},
      {"bytes=--1", "whole"},
      {"bytes=0x1-2", "whole"},
      {"bytes=1 - 2", "whole"},
      {"items=0-1", "whole"},
      {"byte=0-1", "whole"},
      {"bytes =0-1", "whole"},
      {"bytes=0-5,3-9", "whole"},
      {"bytes=0-,-1", "whole"},
      {"bytes=0-1,5-x", "whole"},
  };
  for (const auto& [field, expected] : kCases) EXPECT_EQ(Parse(field, 100), expected) << field;
}

TEST(ByteRangesTest, AnEmptyContentHasNone) {
  EXPECT_EQ(Parse("bytes=0-", 0), "416");
  EXPECT_EQ(Parse("bytes=-5", 0), "416");
}

TEST(ByteRangesTest, ManyAreTooMany) {
  std::string field = "bytes=0-0";
  for (int i = 1; i < 16; ++i) field += "," + std::to_string(2 * i) + "-" + std::to_string(2 * i);
  EXPECT_NE(Parse(field, 1000), "whole");
  EXPECT_EQ(Parse(field + ",90-91", 1000), "whole");
}

}  // namespace
}  // namespace uwsgi::protocol
