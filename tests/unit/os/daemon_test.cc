// SPDX-License-Identifier: MIT

#include "os/daemon.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "base/log.h"
#include "support/child_process.h"
#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

using ::testing::HasSubstr;

// Runs the launcher in a child and `daemon` in what it starts. Returns the launcher's exit status;
// its output is in `errors` of the directory.
int Launch(const TempDir& directory, const std::function<void(StartReport&)>& daemon) {
  return RunInChild([&] {
    const int errors =
        open((directory / "errors").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(errors, STDERR_FILENO);
    auto daemonized = Daemonize(directory / "log");
    if (!daemonized) {
      LogError("{}", daemonized.error().message);
      return 99;
    }
    if (daemonized->is_launcher) return daemonized->exit_status;
    daemon(daemonized->report);
    return 0;
  });
}

TEST(DaemonTest, DetachesAndLogsToTheFile) {
  const TempDir directory;
  const pid_t session = getsid(0);
  const mode_t before = umask(026);
  const int status = Launch(directory, [&](StartReport& report) {
    struct stat null {};
    struct stat input {};
    stat("/dev/null", &null);
    fstat(STDIN_FILENO, &input);
    const mode_t mask = umask(0);
    LogInfo("session {} leader {} input {} umask {:o}", getsid(0) != session, getsid(0) == getpid(),
            input.st_rdev == null.st_rdev, mask);
    [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, "out\n", 4);
    report.Started();
  });
  umask(before);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(directory.Read("errors"), "");
  EXPECT_EQ(directory.Read("log"), "session true leader false input true umask 26\nout\n");
  struct stat log {};
  stat((directory / "log").c_str(), &log);
  EXPECT_EQ(log.st_mode & 07777U, 0640U);
}

TEST(DaemonTest, FailureReachesTheShell) {
  const TempDir directory;
  const int status = Launch(directory, [](StartReport& report) {
    report.Failed(22, "cannot bind :80");
    report.Started();  // Too late to count.
  });
  EXPECT_EQ(status, 22);
  EXPECT_EQ(directory.Read("errors"), "error: cannot bind :80\n");
}

TEST(DaemonTest, ADaemonThatDiesSilentlyIsAFailure) {
  const TempDir directory;
  EXPECT_EQ(Launch(directory, [](StartReport&) {}), 1);
  EXPECT_THAT(directory.Read("errors"), HasSubstr("see " + (directory / "log")));
}

TEST(DaemonTest, TheLauncherLeavesWhileTheDaemonLives) {
  const TempDir directory;
  const int status = Launch(directory, [&](StartReport& report) {
    report.Started();
    // The launcher's child has returned only when this file appears.
    WaitUntil([&] { return directory.Exists("go"); });
    directory.Write("served", "yes");
  });
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(directory.Exists("served"));
  directory.Write("go", "");
  EXPECT_TRUE(WaitUntil([&] { return directory.Read("served") == "yes"; }));
}

TEST(DaemonTest, AnUnwritableLogIsSaidBeforeTheFork) {
  EXPECT_THAT(Daemonize("/nonexistent/log").error().message, HasSubstr("/nonexistent/log"));
  EXPECT_EQ(Daemonize("udp:127.0.0.1").error().code, ErrorCode::kInvalid);
}

TEST(RedirectOutputTest, Appends) {
  const TempDir directory;
  directory.Write("log", "before\n");
  EXPECT_EQ(RunInChild([&] {
              if (!RedirectOutput(directory / "log").ok()) return 1;
              LogInfo("after");
              return 0;
            }),
            0);
  EXPECT_EQ(directory.Read("log"), "before\nafter\n");
  EXPECT_FALSE(RedirectOutput("/nonexistent/log").ok());
}

}  // namespace
}  // namespace uwsgi::os
