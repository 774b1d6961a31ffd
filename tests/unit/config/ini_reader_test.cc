// SPDX-License-Identifier: MIT

#include "config/ini_reader.h"

#include <gtest/gtest.h>

namespace uwsgi::config {
namespace {

// "line:key=value" of every option, joined by '|'.
std::string Parsed(std::string_view text, std::string_view section = "uwsgi") {
  const Result<IniSection> result = ParseIni(text, section);
  if (!result.ok()) return "error";
  std::string all;
  for (const IniLine& line : result->lines) {
    if (!all.empty()) all += '|';
    all += std::to_string(line.line) + ":" + line.key + "=" + line.value;
  }
  return all;
}

struct IniCase {
  const char* name;
  const char* text;
  const char* expected;
};

class ParseIniTest : public testing::TestWithParam<IniCase> {};

TEST_P(ParseIniTest, Reads) { EXPECT_EQ(Parsed(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Grammar, ParseIniTest,
    testing::Values(
        IniCase{"Options", "[uwsgi]\na=1\n b =  2  \nc\t=\t3\n", "2:a=1|3:b=2|4:c=3"},
        IniCase{"CarriageReturns", "[uwsgi]\r\na = 1\r\n\r\nb\r\n", "2:a=1|4:b="},
        IniCase{"BareKeys", "[uwsgi]\nmaster\nendif =\n", "2:master=|3:endif="},
        IniCase{"IndentedKeyIsNoContinuation", "[uwsgi]\nif-env = A\n  b = 1\n\tc = 2\nendif\n",
                "2:if-env=A|3:b=1|4:c=2|5:endif="},
        IniCase{"Comments", "[uwsgi]\n; a = 1\n# b = 2\n  ; c = 3\nd = 4 ; e\nf = #1\n",
                "5:d=4 ; e|6:f=#1"},
        IniCase{"FirstEqualsSignSplits", "[uwsgi]\nenv = A=b=c\n", "2:env=A=b=c"},
        IniCase{"ColonsDoNotSplit", "[uwsgi]\nsocket = :3031\na:b = c\n", "2:socket=:3031|3:a:b=c"},
        IniCase{"OtherSections", "a=0\n[x]\nb=1\n[uwsgi]\nc=2\n[y]\nd=3\n[uwsgi]\ne=4",
                "5:c=2|9:e=4"},
        IniCase{"TextAfterTheSection", "[uwsgi] ; main\na=1", "2:a=1"},
        IniCase{"ByteOrderMark", "\xef\xbb\xbf[uwsgi]\na=1\n", "2:a=1"},
        IniCase{"ValueOfOtherLanguages", "[uwsgi]\na = 指定 # socket权限\n",
                "2:a=指定 # socket权限"},
        IniCase{"Nothing", "", ""}),
    [](const auto& test) { return test.param.name; });

TEST(ParseIniTest, KeepsLinesThatAreLongerThanTheLibrarysBuffer) {
  const std::string value(4000, 'x');
  const std::string key(300, 'k');
  EXPECT_EQ(Parsed("[uwsgi]\nlog-format = " + value + "\n" + key + " = 1\n"),
            "2:log-format=" + value + "|3:" + key + "=1");
}

TEST(ParseIniTest, TakesTheSectionThatIsAskedFor) {
  EXPECT_EQ(Parsed("[uwsgi]\na=1\n[prod]\nb=2\n", "prod"), "4:b=2");
  EXPECT_FALSE(ParseIni("[uwsgi]\na=1\n", "prod")->found);
  EXPECT_TRUE(ParseIni("[uwsgi]\n", "uwsgi")->found);
}

TEST(ParseIniTest, RefusesBytesThatNoTextHas) {
  EXPECT_FALSE(ParseIni(std::string_view("[uwsgi]\na=\0b\n", 13), "uwsgi").ok());
}

}  // namespace
}  // namespace uwsgi::config
