// SPDX-License-Identifier: MIT

#include "options/option_spec.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

struct Letters {
  std::string text;
};

Result<Letters> ParseLetters(std::string_view text) {
  if (text.empty() || text == "7") return Error{ErrorCode::kInvalid, "expected letters"};
  return Letters{std::string(text)};
}
std::string ShowValue(const Letters& letters) { return letters.text; }
Remark DoubtX(std::string_view value) {
  return value == "x" ? Remark{Remark::Kind::kWarning, "x is odd"} : Remark{};
}

struct SomeOptions {
  bool flag = true;
  std::uint64_t count = 5;
  ByteCount size;
  Letters word{"default"};
  std::vector<Letters> words;
};

constexpr Field kFlag = To<&SomeOptions::flag>();
constexpr Field kOff = Not<&SomeOptions::flag>();
constexpr Field kCount = To<&SomeOptions::count, CheckAtMost<9>>();
constexpr Field kSize = InKibibytes<&SomeOptions::size>();
constexpr Field kWord = Parsed<&SomeOptions::word, ParseLetters, DoubtX>();
constexpr Field kWords = Parsed<&SomeOptions::words, ParseLetters>();

TEST(FieldTest, PutsAValueIntoItsMember) {
  OptionSet options;
  kOff.parse(options, "true");
  kCount.parse(options, "12");
  kSize.parse(options, "3");
  const SomeOptions& some = options.Get<SomeOptions>();
  EXPECT_FALSE(some.flag);
  EXPECT_EQ(some.count, 12U);
  EXPECT_EQ(some.size.bytes, 3072U);
  EXPECT_EQ(kFlag.show(options), "false");
  EXPECT_EQ(kOff.show(options), "true");
  EXPECT_EQ(kSize.show(options), "3");
}

TEST(FieldTest, ACheckSaysWhatTheTypeDoesNot) {
  EXPECT_EQ(kFlag.check, nullptr);
  EXPECT_EQ(kCount.check("9").kind, Remark::Kind::kFine);
  EXPECT_EQ(kCount.check("10").text, "the limit is 9");
}

TEST(ParsedFieldTest, WhatIsRefusedLeavesTheDefaultAndIsForTheCheck) {
  OptionSet options;
  EXPECT_EQ(kWord.show(options), "default");
  EXPECT_EQ(kWord.parse(options, "abc").kind, Remark::Kind::kFine);
  EXPECT_EQ(kWord.show(options), "abc");
  EXPECT_EQ(kWord.parse(options, "7").kind, Remark::Kind::kFine);
  EXPECT_EQ(kWord.show(options), "default");
  EXPECT_EQ(kWord.check("7").kind, Remark::Kind::kError);
  EXPECT_EQ(kWord.check("7").text, "expected letters");
  EXPECT_EQ(kWord.check("x").kind, Remark::Kind::kWarning);
  EXPECT_EQ(kWord.check("abc").kind, Remark::Kind::kFine);
}

TEST(ParsedFieldTest, ListsGrowByWhatIsUnderstood) {
  OptionSet options;
  for (const char* text : {"a", "7", "b"}) kWords.parse(options, text);
  ASSERT_EQ(options.Get<SomeOptions>().words.size(), 2U);
  EXPECT_EQ(options.Get<SomeOptions>().words[1].text, "b");
  EXPECT_TRUE(kWords.is_list);
}

TEST(ParsedFieldTest, NoValueHoldsANulByte) {
  OptionSet options;
  EXPECT_EQ(kWord.parse(options, std::string_view("a\0b", 3)).text, "must not hold a NUL byte");
}

TEST(IdOfTest, IsThatOfTheMemberAlone) {
  EXPECT_EQ(kCount.id, IdOf<&SomeOptions::count>());
  EXPECT_NE(kCount.id, kFlag.id);
  EXPECT_EQ(kOff.id, nullptr);  // The row that turns it on is the member's.
}

}  // namespace
}  // namespace uwsgi::config
