// SPDX-License-Identifier: MIT

#include "os/created_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/child_process.h"
#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

TEST(CreatedFileTest, VacuumRemovesIt) {
  const TempDir directory;
  const auto file = CreatedFile::At(directory.Write("pid", "1"));
  ASSERT_TRUE(file.ok());
  testing::internal::CaptureStderr();
  EXPECT_TRUE(VacuumPidfile(*file));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "VACUUM: pidfile removed.\n");
  EXPECT_FALSE(directory.Exists("pid"));
}

TEST(CreatedFileTest, VacuumSparesAFileThatAnotherServerPutThere) {
  const TempDir directory;
  const auto file = CreatedFile::At(directory.Write("s", "mine"));
  directory.Write("other", "theirs");
  std::filesystem::rename(directory / "other", directory / "s");
  EXPECT_FALSE(file->IsStillThere());
  testing::internal::CaptureStderr();
  EXPECT_FALSE(VacuumUnixSocket(*file));
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "VACUUM WARNING: unix socket " + (directory / "s") + " changed inode. Skip removal\n");
  EXPECT_EQ(directory.Read("s"), "theirs");
}

TEST(CreatedFileTest, VacuumOfAFileThatIsGoneIsQuiet) {
  const TempDir directory;
  const auto file = CreatedFile::At(directory.Write("s", ""));
  std::filesystem::remove(directory / "s");
  testing::internal::CaptureStderr();
  EXPECT_FALSE(VacuumUnixSocket(*file));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(CreatedFileTest, FollowsNoChdir) {
  const TempDir directory;
  directory.Write("s", "");
  EXPECT_EQ(RunInChild([&] {
              if (chdir(directory.path().c_str()) != 0) return 1;
              const auto file = CreatedFile::At("s");
              if (chdir("/") != 0) return 2;
              return file.ok() && VacuumUnixSocket(*file) ? 0 : 3;
            }),
            0);
  EXPECT_FALSE(directory.Exists("s"));
}

TEST(CreatedFileTest, AMissingFileIsAnError) {
  EXPECT_FALSE(CreatedFile::At("/nonexistent/file").ok());
}

}  // namespace
}  // namespace uwsgi::os
