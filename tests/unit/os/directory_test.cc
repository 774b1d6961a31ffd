// SPDX-License-Identifier: MIT

#include "os/directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

namespace fs = std::filesystem;

TEST(DirectoryTest, GoesThereAndBackEvenIfTheyHaveLostTheirNames) {
  const Directory outside = CurrentDirectory();
  EXPECT_EQ(outside.path, fs::current_path());
  const TempDir first;
  const TempDir second;
  fs::current_path(first.path());
  const Directory start = CurrentDirectory();
  fs::current_path(second.path());
  fs::rename(first.path(), first.path() + ".moved");
  {
    const InDirectory there(start);
    EXPECT_EQ(fs::current_path(), first.path() + ".moved");
    fs::rename(second.path(), second.path() + ".moved");
  }
  EXPECT_EQ(fs::current_path(), second.path() + ".moved");
  fs::rename(first.path() + ".moved", first.path());
  fs::rename(second.path() + ".moved", second.path());
  ASSERT_EQ(::fchdir(outside.fd.get()), 0);
}

TEST(DirectoryTest, StaysWhereItIs) {
  const InDirectory there(CurrentDirectory());
  EXPECT_EQ(CurrentDirectory().path, fs::current_path());
}

}  // namespace
}  // namespace uwsgi::os
