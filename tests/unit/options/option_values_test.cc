// SPDX-License-Identifier: MIT

#include "options/option_values.h"

#include <gtest/gtest.h>

namespace uwsgi::config {
namespace {

using Kind = Remark::Kind;

TEST(ParseValueTest, FlagsAreOffOnlyForFourWords) {
  for (const char* word : {"false", "False", "OFF", "no", "0"}) {
    bool flag = true;
    EXPECT_EQ(ParseValue(word, flag).kind, Kind::kFine) << word;
    EXPECT_FALSE(flag) << word;
  }
  for (const char* word : {"", "true", "True", "1", "yes", "on"}) {
    bool flag = false;
    EXPECT_EQ(ParseValue(word, flag).kind, Kind::kFine) << word;
    EXPECT_TRUE(flag) << word;
  }
  bool flag = false;
  EXPECT_EQ(ParseValue("foo", flag).kind, Kind::kWarning);
  EXPECT_TRUE(flag);
}

struct IntegerCase {
  const char* text;
  int value;
  Kind kind;
};

TEST(ParseValueTest, IntegersAreReadAsUwsgiReadsThemButNotInSilence) {
  const IntegerCase cases[] = {
      {"30", 30, Kind::kFine},          {" 30 ", 30, Kind::kFine},
      {"+30", 30, Kind::kFine},         {"3600s", 3600, Kind::kWarning},
      {"true", 0, Kind::kWarning},      {"0x10", 0, Kind::kWarning},
      {"-1", 7, Kind::kError},          {"", 7, Kind::kError},
      {"99999999999", 7, Kind::kError}, {"99999999999999999999999", 7, Kind::kError},
  };
  for (const IntegerCase& c : cases) {
    int value = 7;
    EXPECT_EQ(ParseValue(c.text, value).kind, c.kind) << c.text;
    EXPECT_EQ(value, c.value) << c.text;
  }
}

TEST(ParseValueTest, WarningNamesTheValueThatIsTaken) {
  std::chrono::seconds value{};
  EXPECT_EQ(ParseValue("3600s", value).text, "not a plain number, taken as 3600");
  EXPECT_EQ(value.count(), 3600);
}

TEST(ParseValueTest, ByteCountsTakeUnits) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"65535", 65535}, {"64k", 65536}, {"64K", 65536}, {"1M", 1048576}, {"2G", 2147483648}};
  for (const auto& [text, bytes] : cases) {
    ByteCount value;
    EXPECT_EQ(ParseValue(text, value).kind, Kind::kFine) << text;
    EXPECT_EQ(value.bytes, bytes) << text;
  }
  ByteCount value;
  EXPECT_EQ(ParseValue("12x", value).kind, Kind::kWarning);
  EXPECT_EQ(value.bytes, 12U);
  EXPECT_EQ(ParseValue("18446744073709551615G", value).kind, Kind::kError);
}

TEST(ParseValueTest, FileModesAreOctal) {
  std::optional<FileMode> mode;
  EXPECT_EQ(ParseValue("664", mode).kind, Kind::kFine);
  EXPECT_EQ(mode->bits, 0664U);
  EXPECT_EQ(ParseValue("0022", mode).kind, Kind::kFine);
  EXPECT_EQ(mode->bits, 022U);
  for (const char* wrong : {"", "6", "99", "888", "66666", "rw-"}) {
    EXPECT_EQ(ParseValue(wrong, mode).kind, Kind::kError) << wrong;
  }
}

TEST(ParseValueTest, KeyAndValueSplitAtTheFirstEqualsSign) {
  KeyValue pair;
  EXPECT_EQ(ParseValue("A=b=c", pair).kind, Kind::kFine);
  EXPECT_EQ(pair, (KeyValue{"A", "b=c"}));
  EXPECT_EQ(ParseValue("=b", pair).kind, Kind::kError);
}

TEST(ParseValueTest, ListsGrow) {
  std::vector<std::string> list;
  ASSERT_EQ(ParseValue("a", list).kind, Kind::kFine);
  ASSERT_EQ(ParseValue("b", list).kind, Kind::kFine);
  EXPECT_EQ(list, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace uwsgi::config
