// SPDX-License-Identifier: MIT

#include "static_files/mime_types.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace uwsgi {
namespace {

TEST(MimeTypesTest, KnowsTheWebsUsualTypes) {
  const MimeTypes types;
  EXPECT_EQ(types.TypeOf("/static/site.css"), "text/css");
  EXPECT_EQ(types.TypeOf("app.min.js"), "text/javascript");
  EXPECT_EQ(types.TypeOf("PHOTO.JPG"), "image/jpeg");
  EXPECT_EQ(types.TypeOf("font.woff2"), "font/woff2");
  EXPECT_EQ(types.TypeOf("index.html"), "text/html");
}

TEST(MimeTypesTest, WhatIsUnknownIsBytes) {
  const MimeTypes types;
  for (const char* name : {"README", "", "a.", "a.unknown", "dir.css/README", "/"}) {
    EXPECT_EQ(types.TypeOf(name), "application/octet-stream") << name;
  }
}

TEST(MimeTypesTest, TheSystemsTableComesFirst) {
  const TempDir directory;
  MimeTypes types;
  types.Load(directory.Write("mime.types",
                             "# comment\n\n"
                             "text/x-style   css CSS2 # of ours\n"
                             "text/no-extension\n"
                             "text/later     css\n"));
  EXPECT_EQ(types.TypeOf("a.css"), "text/x-style");
  EXPECT_EQ(types.TypeOf("a.css2"), "text/x-style");
  EXPECT_EQ(types.TypeOf("a.of"), "application/octet-stream");
  EXPECT_EQ(types.TypeOf("a.png"), "image/png");
  types.Load("/nonexistent/mime.types");
  EXPECT_EQ(types.TypeOf("a.png"), "image/png");
}

}  // namespace
}  // namespace uwsgi
