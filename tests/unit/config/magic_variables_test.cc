// SPDX-License-Identifier: MIT

#include "config/magic_variables.h"

#include <gtest/gtest.h>

namespace uwsgi::config {
namespace {

MagicVariables Example() {
  os::ProcessFacts facts;
  facts.directory = "/start";
  facts.host_name = "web1";
  facts.started_at = 1234;
  facts.cpu_count = 8;
  facts.user_id = 33;
  facts.user_name = "www-data";
  const FileName file{"conf/site.prod.ini", "/srv/conf/site.prod.ini", "web", 42};
  const FileName first{"main.ini", "/etc/main.ini", "", 7};
  return MagicVariables(facts, file, first);
}

TEST(MagicVariablesTest, ReplacesLetters) {
  const std::pair<const char*, const char*> cases[] = {
      {"%d", "/srv/conf/"},
      {"%p|%o|%s", "/srv/conf/site.prod.ini|conf/site.prod.ini|site.prod.ini"},
      {"%n|%e|%c|%x|%i", "site.prod|ini|conf|web|42"},
      {"%P|%O|%S|%D|%N|%C|%X|%I", "/etc/main.ini|main.ini|main.ini|/etc/|main|etc||7"},
      {"%0/%1/%2/%3", "srv/conf/site.prod.ini/"},
      {"%v %h %t %T %k %u %U", "/start web1 1234 1234000000 8 33 www-data"},
      {"%%d %%(a) %(b)", "%d %(a) %(b)"},
      {"a%zb", "ab"},
      {"50% of", "50% of"},
      {"100%\nnext", "100%\nnext"},
      {"%", "%"},
      {"", ""},
  };
  const MagicVariables magic = Example();
  for (const auto& [text, expected] : cases) EXPECT_EQ(magic.Replace(text), expected) << text;
}

TEST(FileNameTest, SplitsTheSectionOff) {
  EXPECT_EQ(FileName::Parse("site.ini:prod").section, "prod");
  EXPECT_EQ(FileName::Parse("site.ini:prod").given, "site.ini");
  EXPECT_EQ(FileName::Parse(":prod").given, "");
  EXPECT_EQ(FileName::Parse("/a:b/site.ini").given, "/a:b/site.ini");
  EXPECT_EQ(FileName::Parse("site.ini").section, "");
}

}  // namespace
}  // namespace uwsgi::config
