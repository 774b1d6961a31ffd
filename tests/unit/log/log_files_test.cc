// SPDX-License-Identifier: MIT

#include "log/log_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/log.h"
#include "os/open_log.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

namespace uwsgi {
namespace {

using ::testing::HasSubstr;

LogTarget Target(const std::string& path, std::uint64_t max_size = 0,
                 const std::string& backup = {}) {
  return {path, {max_size}, backup};
}

std::vector<std::string> FilesOf(const TempDir& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(LogFileTest, AppendsToAFileThatTheGroupMayRead) {
  const TempDir directory;
  const std::string path = directory / "log";
  std::ofstream(path) << "before\n";
  LogFile::Open(Target(path))->Write("line\n");
  EXPECT_EQ(directory.Read("log"), "before\nline\n");
  const std::string fresh = directory / "fresh";
  ASSERT_TRUE(LogFile::Open(Target(fresh)).ok());
  struct stat status {};
  ASSERT_EQ(stat(fresh.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  EXPECT_FALSE(LogFile::Open(Target(directory / "none/log")).ok());
  EXPECT_FALSE(LogFile::Open(Target("udp:127.0.0.1")).ok());
}

TEST(LogFileTest, AFileBeyondItsLimitIsRenamedBetweenTwoLines) {
  const TempDir directory;
  auto file = LogFile::Open(Target(directory / "log", 20));
  ASSERT_TRUE(file.ok());
  file->Write("a line of 18 bytes");
  file->Write(" and more of it");
  EXPECT_EQ(FilesOf(directory).size(), 1U);
  file->Write(", its end\n");
  file->Write("next\n");
  const auto files = FilesOf(directory);
  ASSERT_EQ(files.size(), 2U);
  ASSERT_EQ(files[1].substr(0, 4), "log.");
  const auto age = std::time(nullptr) - std::stoll(files[1].substr(4));
  EXPECT_TRUE(age >= 0 && age < 60) << files[1];
  EXPECT_EQ(directory.Read("log"), "next\n");
  EXPECT_EQ(directory.Read(files[1]),
            "a line of 18 bytes and more of it, its end\nlogsize: 43, triggering rotation to " +
                (directory / files[1]) + "...\n");
}

TEST(LogFileTest, ANameWithTheTimeIsNeverTakenTwice) {
  const TempDir directory;
  auto file = LogFile::Open(Target(directory / "log", 5));
  for (int i = 0; i < 1000; ++i) file->Write("one line\n");
  std::size_t lines = 0;
  for (const std::string& name : FilesOf(directory)) {
    const std::string text = directory.Read(name);
    for (std::size_t at = 0; (at = text.find("one line\n", at)) != std::string::npos; ++at) ++lines;
  }
  EXPECT_EQ(lines, 1000U);
}

TEST(LogFileTest, ABackupNameKeepsTheLastFileOnly) {
  const TempDir directory;
  auto file = LogFile::Open(Target(directory / "log", 5, directory / "old"));
  file->Write("first line\n");
  file->Write("second line\n");
  file->Write("3rd\n");
  EXPECT_THAT(directory.Read("old"), HasSubstr("second line\n"));
  EXPECT_EQ(directory.Read("log"), "3rd\n");
  EXPECT_EQ(FilesOf(directory).size(), 2U);
}

TEST(LogFileTest, AFileThatSomebodyCutStartsAnew) {
  const TempDir directory;
  auto file = LogFile::Open(Target(directory / "log", 20));
  file->Write("fifteen bytes.\n");
  std::filesystem::resize_file(directory / "log", 0);
  file->Write("fifteen bytes.\n");
  EXPECT_EQ(FilesOf(directory), std::vector<std::string>{"log"});
}

TEST(LogFileTest, AFileThatCannotBeRenamedGrowsOnAndSaysSoOnce) {
  const TempDir directory;
  auto file = LogFile::Open(Target(directory / "log", 5, directory / "none/old"));
  file->Write("first line\n");
  file->Write("second line\n");
  const std::string text = directory.Read("log");
  EXPECT_THAT(text, HasSubstr("first line\n"));
  EXPECT_THAT(text, HasSubstr("error: log-maxsize: cannot rename "));
  EXPECT_TRUE(text.ends_with("; the log grows on\nsecond line\n"));
}

TEST(LogFileTest, ARelativePathStaysWhereItWasOpened) {
  const TempDir directory;
  const int status = RunInChild([&] {
    if (chdir(directory.path().c_str()) != 0) return 1;
    auto file = LogFile::Open(Target("log", 5));
    if (!file || chdir("/") != 0) return 2;
    file->Write("first line\n");
    return std::filesystem::exists("/log") ? 3 : 0;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(FilesOf(directory).size(), 2U);
}

TEST(LogFilesTest, EveryFileGetsEverythingAndTheFirstIsTheOutput) {
  const TempDir directory;
  const int status = RunInChild([&] {
    const UniqueFd before(os::OpenLog(directory / "stderr").value().release());
    dup2(before.get(), STDERR_FILENO);
    auto files = LogFiles::Open(
        {Target(directory / "a", 20, directory / "a.old"), Target(directory / "b"), Target("")});
    if (!files) return 1;
    SetLogRoutes({{.sink = &*files}});
    LogInfo("a line that is long enough");
    LogInfo("short");
    SetLogRoutes({});
    LogInfo("directly");
    return 0;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(directory.Read("a"), "short\ndirectly\n");
  EXPECT_EQ(directory.Read("b"), "a line that is long enough\nshort\n");
  EXPECT_EQ(directory.Read("stderr"), "a line that is long enough\nshort\n");
}

}  // namespace
}  // namespace uwsgi
