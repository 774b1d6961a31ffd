// SPDX-License-Identifier: MIT

#include "master/touch_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace uwsgi {
namespace {

void SetTime(const std::string& path, std::time_t seconds) {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  ::utimensat(AT_FDCWD, path.c_str(), times, 0);
}

TEST(TouchWatchTest, NoticesCreationChangeAndDeletionOnceEach) {
  const TempDir directory;
  const std::string path = directory.path() + "/touch";
  TouchWatch watch;
  watch.Watch({path});
  EXPECT_FALSE(watch.Check());
  std::ofstream(path) << "x";
  EXPECT_EQ(watch.Check(), path);
  EXPECT_FALSE(watch.Check());
  SetTime(path, 1'000'000'000);
  EXPECT_EQ(watch.Check(), path);
  EXPECT_FALSE(watch.Check());
  std::filesystem::remove(path);
  EXPECT_EQ(watch.Check(), path);
  EXPECT_FALSE(watch.Check());
}

TEST(TouchWatchTest, FilesTouchedTogetherAreOneEvent) {
  const TempDir directory;
  const std::string one = directory.path() + "/one";
  const std::string two = directory.path() + "/two";
  TouchWatch watch;
  watch.Watch({one, two});
  std::ofstream(one) << "x";
  std::ofstream(two) << "x";
  EXPECT_EQ(watch.Check(), one);
  EXPECT_FALSE(watch.Check());
}

TEST(TouchWatchTest, ANewListLosesNoChange) {
  const TempDir directory;
  const std::string kept = directory.path() + "/kept";
  const std::string other = directory.path() + "/other";
  TouchWatch watch;
  watch.Watch({kept});
  std::ofstream(kept) << "x";
  std::ofstream(other) << "x";
  watch.Watch({other, kept});
  EXPECT_EQ(watch.Check(), kept);
  watch.Watch({other});
  std::filesystem::remove(kept);
  EXPECT_FALSE(watch.Check());
}

}  // namespace
}  // namespace uwsgi
