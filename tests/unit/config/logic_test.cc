// SPDX-License-Identifier: MIT
//
// Conditions that hold and loops: see data/logic.ini. Here is what goes wrong.

#include "config/logic.h"

#include <gtest/gtest.h>

#include "app/option_table.h"

namespace uwsgi::config {
namespace {

// Names and values that count, joined by '|', then what was reported after '!'.
std::string Taken(const std::vector<std::pair<std::string, std::string>>& lines) {
  const Environment environment(std::vector<KeyValue>{{"SET", "yes"}});
  Diagnostics diagnostics;
  std::vector<RawOption> seen;
  Logic logic(environment, AllOptions(), seen, diagnostics);
  for (const auto& [name, value] : lines) {
    for (RawOption& option : logic.Take({name, value, false, "x.ini", 1})) {
      seen.push_back(std::move(option));
    }
  }
  logic.Finish();
  std::string all;
  for (const RawOption& option : seen) all += option.name + "=" + option.value + "|";
  for (const std::string& error : diagnostics.errors()) all += "!" + error;
  for (const std::string& warning : diagnostics.warnings()) all += "?" + warning;
  return all;
}

TEST(LogicTest, DoesNotNest) {
  EXPECT_EQ(Taken({{"if-env", "SET"}, {"if-env", "SET"}, {"a", "1"}, {"endif", ""}}),
            "if-env=SET|a=1|endif=|!x.ini:1: if-env = SET: conditions and loops do not nest, end "
            "if-env first");
}

TEST(LogicTest, ReadsNothingWhereTheOuterConditionFails) {
  EXPECT_EQ(Taken({{"if-env", "NOPE"}, {"if-env", "SET"}, {"a", "1"}, {"endif", ""}, {"b", "2"}}),
            "if-env=NOPE|endif=|b=2|");
}

TEST(LogicTest, ComparesValues) {
  EXPECT_EQ(Taken({{"if-env", "SET=yes"}, {"a", "%(_)"}, {"endif", ""}}),
            "if-env=SET=yes|a=yes|endif=|");
  EXPECT_EQ(Taken({{"if-env", "SET=no"}, {"a", "1"}, {"endif", ""}}), "if-env=SET=no|endif=|");
  EXPECT_EQ(Taken({{"x", "1"}, {"if-opt", "x=1"}, {"a", "1"}, {"endif", ""}}),
            "x=1|if-opt=x=1|a=1|endif=|");
  EXPECT_EQ(Taken({{"if-not-opt", "x"}, {"a", "1"}, {"endif", ""}}), "if-not-opt=x|a=1|endif=|");
}

TEST(LogicTest, AsksForBuiltInPlugins) {
  EXPECT_EQ(Taken({{"if-plugin", "python3"}, {"a", "1"}, {"endif", ""}}),
            "if-plugin=python3|a=1|endif=|");
  EXPECT_EQ(Taken({{"if-plugin", "php"}, {"a", "1"}, {"endif", ""}}), "if-plugin=php|endif=|");
}

TEST(LogicTest, ReportsWhatIsOutOfPlace) {
  EXPECT_EQ(Taken({{"endif", ""}}), "endif=|!x.ini:1: endif: there is nothing to end here");
  EXPECT_EQ(Taken({{"for", "a"}, {"b", "%(_)%(_)"}}),
            "for=a|b=aa|?x.ini:1: for = a: nothing ends this; it goes on to the end");
  EXPECT_EQ(Taken({{"for-times", "many"}}).substr(0, 16), "for-times=many|!");
  EXPECT_NE(Taken({{"for-readline", "/nowhere"}}).find("cannot read /nowhere"), std::string::npos);
}

TEST(LogicTest, RepeatsThePatternWhenNoFileMatches) {
  EXPECT_EQ(Taken({{"for-glob", "/nowhere/*"}, {"a", "%(_)"}, {"endfor", ""}}),
            "for-glob=/nowhere/*|a=/nowhere/*|endfor=|");
}

}  // namespace
}  // namespace uwsgi::config
