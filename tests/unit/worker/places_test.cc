// SPDX-License-Identifier: MIT

#include "worker/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/child_process.h"

namespace uwsgi {
namespace {

using ::testing::ElementsAre;

TEST(FixPlacesTest, RelativePathsStartInTheDirectory) {
  RequestOptions requests;
  StaticOptions files;
  files.maps = {{"/static", "static"}, {"/media", "/srv/media"}};
  files.maps2 = {{"/a", "b"}};
  files.check_dirs = {"public", "/srv/public"};
  files.safe_dirs = {"safe"};
  files.mime_files = {"mime.types"};
  files.internal_maps = {{"/files", "files"}};
  ASSERT_TRUE(FixPlaces("/srv/site", requests, files).ok());
  EXPECT_THAT(files.maps, ElementsAre(StaticMap{"/static", "/srv/site/static"},
                                      StaticMap{"/media", "/srv/media"}));
  EXPECT_THAT(files.maps2, ElementsAre(StaticMap{"/a", "/srv/site/b"}));
  EXPECT_THAT(files.check_dirs, ElementsAre("/srv/site/public", "/srv/public"));
  EXPECT_THAT(files.safe_dirs, ElementsAre("/srv/site/safe"));
  EXPECT_THAT(files.mime_files, ElementsAre("/srv/site/mime.types"));
  EXPECT_THAT(files.internal_maps, ElementsAre(StaticMap{"/files", "/srv/site/files"}));
}

TEST(FixPlacesTest, ADirectoryWithoutANameLeavesThemRelative) {
  RequestOptions requests;
  StaticOptions files;
  files.maps = {{"/static", "static"}};
  ASSERT_TRUE(FixPlaces("", requests, files).ok());
  EXPECT_THAT(files.maps, ElementsAre(StaticMap{"/static", "static"}));
}

TEST(FixPlacesTest, TheSpoolIsTheEnvironmentsUnlessItIsConfigured) {
  EXPECT_EQ(RunInChild([] {
              RequestOptions configured;
              configured.post_buffering_dir = "tmp";
              RequestOptions from_environment;
              RequestOptions usual;
              StaticOptions files;
              setenv("TMPDIR", "/scratch", 1);
              bool good = FixPlaces("/var", configured, files).ok() &&
                          FixPlaces("/srv", from_environment, files).ok();
              unsetenv("TMPDIR");
              good = good && FixPlaces("/srv", usual, files).ok();
              return good && configured.post_buffering_dir == "/var/tmp" &&
                             from_environment.post_buffering_dir == "/scratch" &&
                             usual.post_buffering_dir == "/tmp"
                         ? 0
                         : 1;
            }),
            0);
}

TEST(FixPlacesTest, ASpoolThatIsNamedMustBeThere) {
  RequestOptions requests;
  requests.post_buffering_dir = "nowhere";
  StaticOptions files;
  const auto fixed = FixPlaces("/srv", requests, files);
  ASSERT_FALSE(fixed.ok());
  EXPECT_THAT(fixed.error().message, ::testing::HasSubstr("/srv/nowhere"));
}

}  // namespace
}  // namespace uwsgi
