// SPDX-License-Identifier: MIT

#include "config/option_docs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "config/option_table.h"

namespace uwsgi::config {
namespace {

TEST(HelpTest, ShowsTheEverydayOptionsInLinesThatFit) {
  const std::string help = *Help("");
  std::istringstream lines(help);
  int options = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
    if (line.starts_with("  ") && line.substr(0, 8).find('-') != std::string::npos) ++options;
  }
  EXPECT_GE(options, 40);
  EXPECT_LE(options, 60);
  EXPECT_NE(help.find("-p, --processes N"), std::string::npos);
  EXPECT_EQ(help.find("--gc-freeze"), std::string::npos);
}

TEST(HelpTest, ShowsAllOfAGroupAndNamesTheGroupsThatThereAre) {
  EXPECT_NE(Help("processes")->find("--gc-freeze"), std::string::npos);
  EXPECT_EQ(Help("processes")->find("--socket"), std::string::npos);
  EXPECT_NE(Help("nope").error().message.find("sockets"), std::string::npos);
}

TEST(ExplainTest, SaysEverythingAboutOneOption) {
  const std::string text = *Explain("--workers");
  EXPECT_NE(text.find("-p, --processes N"), std::string::npos);
  EXPECT_NE(text.find("default: 1"), std::string::npos);
  EXPECT_NE(text.find("state: supported"), std::string::npos);
  EXPECT_NE(Explain("route")->find("refused"), std::string::npos);
  EXPECT_NE(Explain("-p")->find("--processes"), std::string::npos);
  EXPECT_NE(Explain("harakri").error().message.find("harakiri"), std::string::npos);
}

TEST(OptionsAsMarkdownTest, HoldsEveryName) {
  const std::string page = OptionsAsMarkdown();
  for (const OptionSpec& row : OptionTable()) {
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
