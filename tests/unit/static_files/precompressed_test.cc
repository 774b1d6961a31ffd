// SPDX-License-Identifier: MIT

#include "static_files/precompressed.h"

#include <gtest/gtest.h>

#include "support/parsed_values.h"

namespace uwsgi {
namespace {

TEST(PrecompressedTest, LooksForTwinsWhereItIsTold) {
  struct Case {
    const char* name;
    StaticOptions options;
    const char* applies;
    const char* does_not;  // Null: there is no such file.
  };
  StaticOptions none, all, patterns, directories, suffixes, several;
  all.gzip_all = true;
  patterns.gzip = testing::ParsedValues<Pattern::Compile>(
      {"(", "/site.*[.]css$"});  // One of them has no sense.
  directories.gzip_dirs = {"/srv/static", "/srv/media"};
  suffixes.gzip_suffixes = {".css", ".js"};
  several.gzip = {*Pattern::Compile("^/srv/x")};
  several.gzip_dirs = {"/srv/y"};
  several.gzip_suffixes = {".z"};
  const Case kCases[] = {
      {"none", none, nullptr, "/srv/static/site.css"},
      {"all", all, "/srv/static/site.css", nullptr},
      {"patterns", patterns, "/srv/site.min.css", "/srv/site.css.map"},
      {"directories", directories, "/srv/media/site.css", "/srv/other/srv/static/site.css"},
      {"suffixes", suffixes, "/srv/app.js", "/srv/app.json"},
      {"several: a pattern", several, "/srv/x", "/srv/a"},
      {"several: a directory", several, "/srv/y/a", "/srv/zy"},
      {"several: a suffix", several, "/a.z", "/srv/z"},
  };
  for (const Case& row : kCases) {
    const Precompressed precompressed(row.options);
    EXPECT_TRUE(row.applies == nullptr || precompressed.AppliesTo(row.applies)) << row.name;
    EXPECT_FALSE(row.does_not != nullptr && precompressed.AppliesTo(row.does_not)) << row.name;
  }
}

}  // namespace
}  // namespace uwsgi
