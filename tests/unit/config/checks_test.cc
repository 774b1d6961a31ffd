// SPDX-License-Identifier: MIT
//
// With a table of the test's own: config/ knows no feature.

#include "config/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct SomeOptions {
  int count = 0;
  std::vector<std::string> words;
};

Remark RefuseX(std::string_view value) { return value == "x" ? Wrong("no x") : Remark{}; }

constexpr OptionSpec kRows[] = {
    {Group::kProcesses, "count", "number", 0, "N", To<&SomeOptions::count, CheckAtMost<9>>(), "."},
    {Group::kProcesses, "word", "", 0, "WORD", To<&SomeOptions::words, RefuseX>(), "."},
    {Group::kConfiguration, "set-placeholder", "", 0, "NAME=VALUE", Without(ValueKind::kText), ".",
     kGrammar},
};

class ConfigChecksTest : public ::testing::Test {
 protected:
  static RawOption Line(const char* name, const char* value, int line) {
    return {name, value, false, "x.ini", line};
  }

  const OptionTable table_{kRows};
  Diagnostics diagnostics_;
};

TEST_F(ConfigChecksTest, OfAScalarTheLastValueCounts) {
  CheckValues({Line("count", "10", 1), Line("number", "5", 2)}, table_, diagnostics_);
  EXPECT_THAT(diagnostics_.errors(), IsEmpty());
  CheckValues({Line("count", "5", 1), Line("number", "10", 2)}, table_, diagnostics_);
  EXPECT_THAT(diagnostics_.errors(), ElementsAre("x.ini:2: number = 10: the limit is 9"));
}

TEST_F(ConfigChecksTest, OfAListEachValueCounts) {
  CheckValues({Line("word", "x", 1), Line("word", "y", 2)}, table_, diagnostics_);
  EXPECT_THAT(diagnostics_.errors(), ElementsAre("x.ini:1: word = x: no x"));
}

TEST_F(ConfigChecksTest, AScalarThatIsSaidTwiceIsToldOnce) {
  CheckRepeatedOptions(
      {Line("count", "1", 1), Line("number", "2", 2), Line("word", "a", 3), Line("word", "b", 4)},
      table_, diagnostics_);
  EXPECT_THAT(diagnostics_.notices(),
              ElementsAre("x.ini:2: number = 2 counts, not x.ini:1: count = 1"));
}

TEST_F(ConfigChecksTest, UnknownNamesAreErrorsIfThatIsAskedFor) {
  const std::vector<RawOption> raw = {Line("cuont", "1", 1), Line("set-placeholder", "mine=2", 2),
                                      Line("mine", "3", 3), Line("theirs", "4", 4)};
  CheckUnknownNames(raw, table_, {"theirs"}, false, diagnostics_);
  EXPECT_THAT(diagnostics_.warnings(), ElementsAre("x.ini:1: cuont: did you mean count?"));
  CheckUnknownNames(raw, table_, {"theirs"}, true, diagnostics_);
  EXPECT_THAT(diagnostics_.errors(), ElementsAre("x.ini:1: cuont: did you mean count?"));
}

TEST_F(ConfigChecksTest, ARowIsFoundByItsMember) {
  const OptionSpec* const row = table_.FindField(IdOf<&SomeOptions::count>());
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->name, "count");
  const std::vector<RawOption> raw = {Line("count", "1", 1), Line("number", "2", 2)};
  ASSERT_NE(table_.LastOf(row, raw), nullptr);
  EXPECT_EQ(table_.LastOf(row, raw)->line, 2);
  EXPECT_EQ(table_.LastOf(table_.Find("word"), raw), nullptr);
}

}  // namespace
}  // namespace uwsgi::config
