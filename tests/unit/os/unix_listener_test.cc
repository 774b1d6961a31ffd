// SPDX-License-Identifier: MIT

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "os/accounts.h"
#include "os/address.h"
#include "os/listener.h"
#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

using ::testing::HasSubstr;

Result<BoundListener> Open(const std::string& path, const ListenOptions& options = {}) {
  return OpenListener(path, Wire::kUwsgi, options);
}

bool CanConnect(const std::string& path) {
  const auto target = Resolve(*ParseAddress(path));
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(fd.get(), target->get(), target->size) == 0;
}

struct stat Stat(const std::string& path) {
  struct stat result {};
  lstat(path.c_str(), &result);
  return result;
}

std::size_t CountFiles(const TempDir& directory) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory.path()), {}));
}

TEST(UnixListenerTest, ListensWithItsModeAndLeavesNothingElse) {
  const TempDir directory;
  ListenOptions options;
  options.chmod = FileMode{0660};
  const auto opened = Open(directory / "site.sock", options);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_TRUE(CanConnect(directory / "site.sock"));
  EXPECT_EQ(Stat(directory / "site.sock").st_mode & 07777U, 0660U);
  EXPECT_EQ(CountFiles(directory), 1U);
  EXPECT_EQ(opened->listener.name, directory / "site.sock");
  EXPECT_EQ(opened->listener.port, "80");
  ASSERT_TRUE(opened->file.has_value());
  EXPECT_TRUE(opened->file->IsStillThere());
  EXPECT_EQ(opened->Describe(0), "uwsgi socket 0 bound to UNIX address " +
                                     (directory / "site.sock") + " (mode 660, owner " +
                                     UserName(getuid()) + ":" + GroupName(getgid()) + ") fd " +
                                     std::to_string(opened->fd.get()));
}

TEST(UnixListenerTest, ReplacesTheSocketOfADeadServer) {
  const TempDir directory;
  Open(directory / "site.sock")->fd.reset();
  ASSERT_TRUE(directory.Exists("site.sock"));
  const auto opened = Open(directory / "site.sock");
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_TRUE(CanConnect(directory / "site.sock"));
}

TEST(UnixListenerTest, NeverStealsThePathOfALivingServer) {
  const TempDir directory;
  const auto first = Open(directory / "site.sock");
  const ino_t inode = Stat(directory / "site.sock").st_ino;
  const auto second = Open(directory / "site.sock");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_THAT(second.error().message, HasSubstr("already in use by a running server, process " +
                                                std::to_string(getpid()) + " (os_test)"));
  EXPECT_EQ(Stat(directory / "site.sock").st_ino, inode);
}

TEST(UnixListenerTest, ALivingServerWithAFullQueueIsAliveToo) {
  const TempDir directory;
  ListenOptions options;
  options.backlog = 1;
  const auto first = Open(directory / "site.sock", options);
  const auto target = Resolve(*ParseAddress(directory / "site.sock"));
  std::vector<UniqueFd> clients;
  do {
    clients.emplace_back(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  } while (connect(clients.back().get(), target->get(), target->size) == 0);
  ASSERT_EQ(errno, EAGAIN);
  EXPECT_EQ(Open(directory / "site.sock").error().code, ErrorCode::kBusy);
}

TEST(UnixListenerTest, RefusesToReplaceOtherFiles) {
  const TempDir directory;
  directory.Write("site.sock", "precious");
  const auto opened = Open(directory / "site.sock");
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("not a socket"));
  EXPECT_EQ(directory.Read("site.sock"), "precious");
}

TEST(UnixListenerTest, FailureLeavesNoTemporaryFile) {
  const TempDir directory;
  ListenOptions options;
  options.chown = "nobody-has-this-name";
  const auto opened = Open(directory / "site.sock", options);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().message, "uid nobody-has-this-name not found.");
  EXPECT_EQ(CountFiles(directory), 0U);
}

TEST(UnixListenerTest, MissingDirectoryIsNamed) {
  const auto opened = Open("/nonexistent/site.sock");
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("/nonexistent/site.sock"));
  EXPECT_THAT(opened.error().message, HasSubstr("No such file or directory"));
}

TEST(UnixListenerTest, TakesTheLongestPath) {
  const TempDir directory;
  std::string path = directory / "";
  path.append(107 - path.size(), 's');
  const auto opened = Open(path);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_TRUE(CanConnect(path));
  EXPECT_EQ(CountFiles(directory), 1U);
}

TEST(UnixListenerTest, ChownSocketGivesTheFileAway) {
  if (geteuid() != 0) GTEST_SKIP() << "takes root";
  const TempDir directory;
  ListenOptions options;
  options.chown = "12345:23456";
  const auto opened = Open(directory / "site.sock", options);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(Stat(directory / "site.sock").st_uid, 12345U);
  EXPECT_EQ(Stat(directory / "site.sock").st_gid, 23456U);
}

}  // namespace
}  // namespace uwsgi::os
