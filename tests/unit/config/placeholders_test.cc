// SPDX-License-Identifier: MIT

#include "config/placeholders.h"

#include <gtest/gtest.h>

#include "app/configuration_harness.h"

namespace uwsgi::config {
namespace {

// The value of a last option, after four others that it may mention.
std::string Expanded(const std::string& value, Diagnostics* diagnostics = nullptr) {
  std::vector<RawOption> options = {{"port", "8000", false, "", 0},
                                    {"name", "site", false, "", 0},
                                    {"twice", "%(name)", false, "", 0},
                                    {"name", "second", false, "", 0},
                                    {"value", value, false, "", 0}};
  const Environment environment({{"HOME", "/root"}, {"EMPTY", ""}});
  Diagnostics own;
  Expand(options, environment, diagnostics != nullptr ? *diagnostics : own);
  return options.back().value;
}

TEST(ExpandTest, ReplacesWhatIsDefined) {
  const std::pair<const char*, const char*> cases[] = {
      {"$(HOME)/x", "/root/x"},
      {"a$(EMPTY)b", "ab"},
      {"$(NOPE)", "$(NOPE)"},
      {"$(HOME", "$(HOME"},
      {"$HOME", "$HOME"},
      {"%(name)", "site"},
      {"/%(name)/%(name).sock", "/site/site.sock"},
      {"%(twice)", "site"},
      {"%(nope)", "%(nope)"},
      {"%(name nope)", "site"},
      {"%(name port)", "site8000"},
      {"%(port + 1)", "8001"},
      {"%(port + 1 2)", "80012"},
      {"%(port 1 + 2)", "80003"},
      {"%(7 - 10)", "-3"},
      {"%(2 * 1024 * 1024 * 1024)", "2147483648"},
      {"%((2 * 2) + 1)", "5"},
      {"%(5 / 0)", "0"},
      {"%(port ++)", "8001"},
      {"%(port --)", "7999"},
      {"%(9223372036854775807 + 1)", "-9223372036854775808"},
      {"%(( -9223372036854775807 - 1) / -1)", "0"},
      {"%()", "%()"},
      {"100%", "100%"},
  };
  for (const auto& [value, expected] : cases) EXPECT_EQ(Expanded(value), expected) << value;
}

TEST(ExpandTest, TakesAFilesTextWithoutItsLastLineBreak) {
  const ScratchDirectory scratch;
  const std::string file = scratch.Write("limit", "4096\n");
  EXPECT_EQ(Expanded("@(" + file + ")"), "4096");
}

TEST(ExpandTest, ReportsAFileThatCanNotBeRead) {
  Diagnostics diagnostics;
  EXPECT_EQ(Expanded("@(/nowhere/at/all)", &diagnostics), "@(/nowhere/at/all)");
  EXPECT_EQ(diagnostics.errors().size(), 1U);
}

TEST(ExpandTest, TellsWhichNamesAreMentioned) {
  std::vector<RawOption> options = {{"chdir", "%(base)/$(APP)", false, "", 0}};
  Diagnostics diagnostics;
  const std::set<std::string> mentioned = Expand(options, Environment(), diagnostics);
  EXPECT_EQ(mentioned, (std::set<std::string>{"APP", "base"}));
}

TEST(ExpandTest, SurvivesBracketsWithoutEnd) {
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "%(";
  EXPECT_EQ(Expanded(deep), deep);
  std::string nested = "%(1 ";
  for (int i = 0; i < 1000; ++i) nested += '(';
  nested += std::string(1001, ')');
  Expanded(nested);
}

}  // namespace
}  // namespace uwsgi::config
