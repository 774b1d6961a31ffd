// SPDX-License-Identifier: MIT

#include "static_files/expires_rules.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/parsed_values.h"

namespace uwsgi {
namespace {

constexpr std::time_t kNow = 1'000'000;
constexpr std::time_t kModified = 500'000;
constexpr ExpiresSubject kSubject = {.file = "/srv/static/site.css",
                                     .uri = "/static/site.css?v=1",
                                     .path_info = "/static/site.css",
                                     .type = "text/css",
                                     .modified = kModified};

using testing::ParsedValues;

// The rules of these texts; what is no rule is left out.
std::vector<PatternExpiry> Rules(const std::vector<std::string_view>& texts) {
  return ParsedValues<ParsePatternExpiry>(texts);
}

using Fill = std::function<void(StaticOptions&, std::string_view)>;

Fill Of(std::vector<PatternExpiry> StaticOptions::*list) {
  return [list](StaticOptions& options, std::string_view text) { options.*list = Rules({text}); };
}

Fill Of(std::vector<TypeExpiry> StaticOptions::*list) {
  return [list](StaticOptions& options, std::string_view text) {
    options.*list = ParsedValues<ParseTypeExpiry>({text});
  };
}

TEST(ExpiresRulesTest, EachOptionLooksAtItsPartAndCountsFromItsTime) {
  const struct {
    const char* name;
    Fill fill;
    const char* applies;
    const char* does_not;
    std::time_t from;
  } kCases[] = {
      {"type", Of(&StaticOptions::expires_type), "text/css=60", "text/=60", kNow},
      {"type-mtime", Of(&StaticOptions::expires_type_mtime), "text/css=60", "css=60", kModified},
      {"file", Of(&StaticOptions::expires), "^/srv/ 60", "^/static/ 60", kNow},
      {"file-mtime", Of(&StaticOptions::expires_mtime), "css$ 60", "v=1$ 60", kModified},
      {"uri", Of(&StaticOptions::expires_uri), "v=1$ 60", "^/srv/ 60", kNow},
      {"uri-mtime", Of(&StaticOptions::expires_uri_mtime), "v=1$ 60", "css$ 60", kModified},
      {"path-info", Of(&StaticOptions::expires_path_info), "css$ 60", "v=1$ 60", kNow},
      {"path-info-mtime", Of(&StaticOptions::expires_path_info_mtime), "css$ 60", "^/srv/ 60",
       kModified},
  };
  for (const auto& row : kCases) {
    StaticOptions options;
    row.fill(options, row.applies);
    EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), row.from + 60) << row.name;
    row.fill(options, row.does_not);
    EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), std::nullopt) << row.name;
  }
}

TEST(ExpiresRulesTest, TheFirstRuleThatAppliesCounts) {
  StaticOptions options;
  EXPECT_TRUE(ExpiresRules(options).empty());
  options.expires_path_info = Rules({"css 4"});
  options.expires_uri = Rules({"css 3"});
  options.expires = Rules({"js 1", "css 2", "css 9"});
  EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), kNow + 2);
  options.expires_type = ParsedValues<ParseTypeExpiry>({"text/css=1"});
  EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), kNow + 1);
}

TEST(ExpiresRulesTest, TheSecondsStandAfterTheLastBlank) {
  StaticOptions options;
  options.expires = Rules({"site[.]css  7"});
  EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), kNow + 7);
  options.expires = Rules({"a b|css 0"});
  EXPECT_EQ(ExpiresRules(options).Find(kSubject, kNow), kNow);
}

TEST(ExpiresRulesTest, ARuleWithoutSenseNeverApplies) {
  for (const char* rule : {"css", "60", " 60", "css sixty", "css -1", "css 6x",
                           "css 99999999999999999999", "( 60", ""}) {
    StaticOptions options;
    options.expires = Rules({rule});
    EXPECT_TRUE(ExpiresRules(options).empty()) << rule;
  }
}

}  // namespace
}  // namespace uwsgi
