// SPDX-License-Identifier: MIT

#include "os/pidfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/child_process.h"
#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

using ::testing::HasSubstr;

TEST(PidfileTest, HoldsThePidOfALivingServer) {
  const TempDir directory;
  const mode_t mask = umask(0);
  const auto pidfile = Pidfile::Create(directory / "pid");
  umask(mask);
  ASSERT_TRUE(pidfile.ok()) << pidfile.error().message;
  EXPECT_EQ(directory.Read("pid"), std::to_string(getpid()) + "\n");
  const auto server = ReadServer(directory / "pid");
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_EQ(server->pid, getpid());
  EXPECT_EQ(server->reloads, ReloadProgress());
  struct stat file {};
  stat((directory / "pid").c_str(), &file);
  EXPECT_EQ(file.st_mode & 07777U, 0644U);
}

TEST(PidfileTest, ASecondServerIsToldOfTheFirst) {
  const TempDir directory;
  const auto first = Pidfile::Create(directory / "pid");
  const auto second = Pidfile::Create(directory / "pid");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_THAT(second.error().message,
              HasSubstr("already running as pid " + std::to_string(getpid())));
  EXPECT_TRUE(ReadServer(directory / "pid").ok());
}

TEST(PidfileTest, ASecondServerIsToldOfTheFirstWhateverTheFileSays) {
  const TempDir directory;
  const auto first = Pidfile::Create(directory / "pid");
  directory.Write("pid", "1\n");
  EXPECT_THAT(Pidfile::Create(directory / "pid").error().message,
              HasSubstr("already running as pid " + std::to_string(getpid())));
}

TEST(PidfileTest, TakesOverTheFileOfADeadServer) {
  const TempDir directory;
  directory.Write("pid", "999999999\nleft over");
  const auto pidfile = Pidfile::Create(directory / "pid");
  ASSERT_TRUE(pidfile.ok());
  EXPECT_EQ(directory.Read("pid"), std::to_string(getpid()) + "\n");
}

TEST(PidfileTest, PublishesHowFarReloadsAre) {
  const TempDir directory;
  auto pidfile = Pidfile::Create(directory / "pid");
  const ReloadProgress steps[] = {
      {1, 0, false}, {1, 1, false}, {2, 1, false}, {2, 2, true},       {3, 2, true},
      {4, 2, true},  {4, 4, false}, {5, 5, true},  {4000000, 5, true}, {4000000, 4000000, false},
  };
  for (const ReloadProgress& step : steps) {
    pidfile->Publish(step);
    const auto server = ReadServer(directory / "pid");
    ASSERT_TRUE(server.ok());
    EXPECT_EQ(server->pid, getpid());
    EXPECT_EQ(server->reloads, step) << step.begun << ' ' << step.through;
  }
  EXPECT_EQ(directory.Read("pid"), std::to_string(getpid()) + "\n");
}

TEST(PidfileTest, VacuumRemovesOnlyItsOwn) {
  const TempDir directory;
  auto pidfile = Pidfile::Create(directory / "pid");
  pidfile->Vacuum();
  EXPECT_FALSE(directory.Exists("pid"));
  directory.Write("pid", "1\n");
  pidfile->Vacuum();
  EXPECT_TRUE(directory.Exists("pid"));
}

TEST(PidfileTest, UnwritablePlacesAreNamed) {
  EXPECT_THAT(Pidfile::Create("/nonexistent/pid").error().message,
              HasSubstr("cannot write pidfile /nonexistent/pid: No such file"));
}

TEST(PidfileTest, ADiskThatTakesNoPidIsLeftWithoutAFile) {
  const TempDir directory;
  EXPECT_EQ(RunInChild([&] {
              const rlimit nothing{0, 0};
              setrlimit(RLIMIT_FSIZE, &nothing);
              signal(SIGXFSZ, SIG_IGN);
              return Pidfile::Create(directory / "pid").ok() ? 1 : 0;
            }),
            0);
  EXPECT_FALSE(directory.Exists("pid"));
}

struct BadCase {
  std::string content;
  ErrorCode code;
  std::string message;
};

TEST(ReadServerTest, SaysWhyNobodyIsSignalled) {
  const TempDir directory;
  const BadCase cases[] = {
      {"", ErrorCode::kInvalid, "is empty"},
      {"\n", ErrorCode::kInvalid, "is empty"},
      {"0\n", ErrorCode::kInvalid, "impossible process id 0"},
      {"-1\n", ErrorCode::kInvalid, "impossible process id -1"},
      {"4294967297\n", ErrorCode::kInvalid, "impossible process id"},
      {"12x\n", ErrorCode::kInvalid, "holds no process id"},
      {"hello", ErrorCode::kInvalid, "holds no process id"},
      {"999999999\n", ErrorCode::kClosed, "does not run any more"},
      // Somebody lives under the number, but does not hold the file.
      {std::to_string(getpid()) + "\n", ErrorCode::kClosed, "is not its server"},
      {"1\n", ErrorCode::kClosed, "is not its server"},
  };
  for (const BadCase& bad : cases) {
    directory.Write("pid", bad.content);
    const auto server = ReadServer(directory / "pid");
    ASSERT_FALSE(server.ok()) << bad.content;
    EXPECT_EQ(server.error().code, bad.code) << bad.content;
    EXPECT_THAT(server.error().message, HasSubstr(bad.message));
    EXPECT_THAT(server.error().message, HasSubstr("nobody was signalled"));
  }
}

TEST(ReadServerTest, BelievesNothingElseThatIsWrittenIntoALivingServersFile) {
  const TempDir directory;
  const auto pidfile = Pidfile::Create(directory / "pid");
  for (const pid_t other : {1, getppid(), getpid() + 1}) {
    directory.Write("pid", std::to_string(other) + "\n");
    const auto server = ReadServer(directory / "pid");
    ASSERT_FALSE(server.ok()) << other;
    EXPECT_EQ(server.error().code, ErrorCode::kClosed);
    EXPECT_THAT(
        server.error().message,
        HasSubstr("names process " + std::to_string(other) + ", but its server is process " +
                  std::to_string(getpid()) + ": nobody was signalled"));
  }
  directory.Write("pid", std::to_string(getpid()) + "\n");
  EXPECT_TRUE(ReadServer(directory / "pid").ok());
}

TEST(ReadServerTest, AMissingFileIsNotFound) {
  const auto server = ReadServer("/nonexistent/pid");
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(server.error().message,
              HasSubstr("pidfile /nonexistent/pid cannot be opened: No such file"));
}

TEST(ReadServerTest, ADirectoryIsCalledOne) {
  const TempDir directory;
  const auto server = ReadServer(directory.path());
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error().code, ErrorCode::kDenied);
  EXPECT_EQ(server.error().message, "cannot read pidfile " + directory.path() + ": Is a directory");
}

TEST(ReadServerTest, TheLockEndsWithTheServer) {
  const TempDir directory;
  // A child that keeps the inherited descriptor would keep the lock; the server's exec drops it.
  EXPECT_EQ(RunInChild([&] {
              const auto pidfile = Pidfile::Create(directory / "pid");
              return ReadServer(directory / "pid").ok() ? 0 : 1;
            }),
            0);
  EXPECT_EQ(ReadServer(directory / "pid").error().code, ErrorCode::kClosed);
}

}  // namespace
}  // namespace uwsgi::os
