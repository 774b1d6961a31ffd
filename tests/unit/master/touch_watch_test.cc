// SPDX-License-Identifier: MIT

#include "master/touch_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "os/clock.h"
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
  TouchWatch watch = FileHistory().Watch({path});
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
  TouchWatch watch = FileHistory().Watch({one, two});
  std::ofstream(one) << "x";
  std::ofstream(two) << "x";
  EXPECT_EQ(watch.Check(), one);
  EXPECT_FALSE(watch.Check());
}

// As a reading of the configuration does that takes a while.
class FileHistoryTest : public testing::Test {
 protected:
  FileHistoryTest() {
    std::ofstream(path_) << "x";
    // Until the coarse clock has gone on: files may have the time of a finer one.
    const auto written = std::chrono::system_clock::now();
    while (os::CoarseNow() <= written) {
    }
  }

  const TempDir directory_;
  const std::string path_ = directory_.path() + "/touch";
};

TEST_F(FileHistoryTest, WhatWasThereBeforeTheReadingIsNoNews) {
  FileHistory history;
  EXPECT_FALSE(history.Watch({path_}).Check());
  history.Look();
  EXPECT_FALSE(history.Watch({path_}).Check());
}

TEST_F(FileHistoryTest, AChangeDuringTheReadingIsNews) {
  FileHistory history;
  SetTime(path_, 1'000'000'000);  // Whatever time is set.
  EXPECT_EQ(history.Watch({path_}).Check(), path_);
  history.Look();
  SetTime(path_, 1'000'000'001);
  EXPECT_EQ(history.Watch({path_}).Check(), path_);
  history.Look();
  std::filesystem::remove(path_);
  EXPECT_EQ(history.Watch({path_}).Check(), path_);
}

TEST_F(FileHistoryTest, ATimeInTheFutureIsNoNewsForEver) {
  SetTime(path_, 4'000'000'000);
  FileHistory history;
  (void)history.Watch({path_}).Check();
  history.Look();
  EXPECT_FALSE(history.Watch({path_}).Check());
}

}  // namespace
}  // namespace uwsgi
