// SPDX-License-Identifier: MIT

#include "options/option_docs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "app/option_table.h"

namespace uwsgi::config {
namespace {

TEST(HelpTest, ShowsTheEverydayOptionsInLinesThatFit) {
  const std::string help = *Help(AllOptions(), "", 80);
  for (const std::size_t width : {80U, 81U, 120U, 200U}) {
    std::size_t longest = 0;
    std::istringstream lines(*Help(AllOptions(), "", width));
    for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
    EXPECT_LE(longest, width);
    EXPECT_GE(longest, std::min<std::size_t>(width, 130) - 12);
  }
  EXPECT_NE(Help(AllOptions(), "", 50)->find("\n        Number of worker processes.\n"),
            std::string::npos);
  std::istringstream lines(help);
  int options = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ") && line.substr(0, 8).find('-') != std::string::npos) ++options;
  }
  EXPECT_GE(options, 40);
  EXPECT_LE(options, 60);
  EXPECT_NE(help.find("-p, --processes N"), std::string::npos);
  EXPECT_EQ(help.find("--gc-freeze"), std::string::npos);
}

TEST(HelpTest, ShowsAllOfAGroupAndNamesTheGroupsThatThereAre) {
  EXPECT_NE(Help(AllOptions(), "processes", 80)->find("--gc-freeze"), std::string::npos);
  EXPECT_EQ(Help(AllOptions(), "processes", 80)->find("--socket"), std::string::npos);
  EXPECT_NE(Help(AllOptions(), "nope", 80).error().message.find("sockets"), std::string::npos);
}

TEST(ExplainTest, SaysEverythingAboutOneOption) {
  const std::string text = *Explain(AllOptions(), "--workers", 80);
  EXPECT_NE(text.find("-p, --processes N"), std::string::npos);
  EXPECT_NE(text.find("default: 1"), std::string::npos);
  EXPECT_NE(text.find("state: supported"), std::string::npos);
  EXPECT_NE(Explain(AllOptions(), "route", 80)->find("refused"), std::string::npos);
  EXPECT_NE(Explain(AllOptions(), "-p", 80)->find("--processes"), std::string::npos);
  EXPECT_NE(Explain(AllOptions(), "harakri", 80).error().message.find("harakiri"),
            std::string::npos);
}

TEST(ExplainTest, NamesTheVariablesOfALogFormat) {
  const std::string text = *Explain(AllOptions(), "log-format", 80);
  for (const char* name : {"var.NAME", " addr", " uri", " msecs", " ftime", " rssM"}) {
    EXPECT_NE(text.find(name), std::string::npos) << name << text;
  }
}

TEST(OptionsAsMarkdownTest, HoldsEveryNameInLinesThatFit) {
  const std::string page = OptionsAsMarkdown(AllOptions());
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 200U) << line;
  for (const OptionSpec& row : AllOptions().rows()) {
    EXPECT_NE(page.find("`" + std::string(row.name) + "`"), std::string::npos) << row.name;
  }
}

TEST(ShowConfigTest, PrintsAnIniFile) {
  EXPECT_EQ(ShowConfig({{"master", "", true, "", 0}, {"socket", ":1", false, "a.ini", 2}}),
            ";uWSGI instance configuration\n[uwsgi]\nmaster = true\nsocket = :1\n"
            ";end of configuration\n");
}

}  // namespace
}  // namespace uwsgi::config
