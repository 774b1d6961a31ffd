// SPDX-License-Identifier: MIT

#include "static_files/expires_rules.h"

#include <gtest/gtest.h>

namespace uwsgi {
namespace {

constexpr std::time_t kNow = 1'000'000;
constexpr std::time_t kModified = 500'000;
constexpr ExpiresSubject kSubject = {.file = "/srv/static/site.css",
                                     .uri = "/static/site.css?v=1",
                                     .path_info = "/static/site.css",
                                     .type = "text/css",
                                     .modified = kModified};

using Rules = std::vector<std::string>;

TEST(ExpiresRulesTest, EachOptionLooksAtItsPartAndCountsFromItsTime) {
  const struct {
    const char* name;
    Rules StaticOptions::*option;
    const char* applies;
    const char* does_not;
    std::time_t from;
  } kCases[] = {
      {"type", &StaticOptions::expires_type, "text/css=60", "text/=60", kNow},
      {"type-mtime", &StaticOptions::expires_type_mtime, "text/css=60", "css=60", kModified},
      {"file", &StaticOptions::expires, "^/srv/ 60", "^/static/ 60", kNow},
      {"file-mtime", &StaticOptions::expires_mtime, "css$ 60", "v=1$ 60", kModified},
      {"uri", &StaticOptions::expires_uri, "v=1$ 60", "^/srv/ 60", kNow},
      {"uri-mtime", &StaticOptions::expires_uri_mtime, "v=1$ 60", "css$ 60", kModified},
      {"path-info", &StaticOptions::expires_path_info, "css$ 60", "v=1$ 60", kNow},
      {"path-info-mtime", &StaticOptions::expires_path_info_mtime, "css$ 60", "^/srv/ 60",
       kModified},
  };
  for (const auto& row : kCases) {
    StaticOptions options;
    options.*row.option = {row.applies};
    EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), row.from + 60) << row.name;
    options.*row.option = {row.does_not};
    EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), std::nullopt) << row.name;
  }
}

TEST(ExpiresRulesTest, TheFirstRuleThatAppliesCounts) {
  StaticOptions options;
  EXPECT_TRUE(ExpiresRules(options).empty());
  options.expires_path_info = {"css 4"};
  options.expires_uri = {"css 3"};
  options.expires = {"js 1", "css 2", "css 9"};
  EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), kNow + 2);
  options.expires_type = {"text/css=1"};
  EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), kNow + 1);
}

TEST(ExpiresRulesTest, TheSecondsStandAfterTheLastBlank) {
  StaticOptions options;
  options.expires = {"site[.]css  7"};
  EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), kNow + 7);
  options.expires = {"a b|css 0"};
  EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), kNow);
}

TEST(ExpiresRulesTest, ARuleWithoutSenseNeverApplies) {
  for (const char* rule : {"css", "60", " 60", "css sixty", "css -1", "css 6x",
                           "css 99999999999999999999", "( 60", ""}) {
    StaticOptions options;
    options.expires = {rule};
    EXPECT_TRUE(ExpiresRules(options).empty()) << rule;
  }
}

}  // namespace
}  // namespace uwsgi
