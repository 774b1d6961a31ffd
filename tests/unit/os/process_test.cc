// SPDX-License-Identifier: MIT

#include "os/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/unique_fd.h"
#include "os/exit_status.h"
#include "support/child_process.h"

namespace uwsgi::os {
namespace {

using ::testing::HasSubstr;

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
  }
  // What was written until the last writer closed.
  std::string ReadAll() {
    write_end.reset();
    std::string text;
    std::array<char, 256> buffer;
    for (ssize_t size; (size = read(read_end.get(), buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text;
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

SpawnRequest Shell(const std::string& script) {
  SpawnRequest request;
  request.program = "/bin/sh";
  request.arguments = {"sh", "-c", script};
  return request;
}

// Runs the script with a pipe as descriptor 3 and returns what it wrote there.
std::string RunShell(SpawnRequest request) {
  Pipe pipe;
  request.fds.push_back({pipe.write_end.get(), 3});
  const auto pid = Spawn(request);
  EXPECT_TRUE(pid.ok());
  std::string output = pipe.ReadAll();
  EXPECT_TRUE(WaitFor(*pid)->ok());
  return output;
}

TEST(SpawnTest, GivesArgumentsEnvironmentAndDescriptors) {
  SpawnRequest request = Shell("echo $0 $GREETING $UNWANTED >&3");
  setenv("UNWANTED", "unwanted", 1);
  request.environment = {{"GREETING", "overwritten"}, {"GREETING", "hello"}};
  request.without = {"UNWANTED"};
  EXPECT_EQ(RunShell(request), "sh hello\n");
  unsetenv("UNWANTED");
}

TEST(SpawnTest, ClosesEveryOtherDescriptor) {
  const UniqueFd leaky(fcntl(STDERR_FILENO, F_DUPFD, 50));  // Not close-on-exec.
  const std::string path = "/proc/self/fd/" + std::to_string(leaky.get());
  EXPECT_EQ(RunShell(Shell("[ -e " + path + " ] && echo leaked >&3; echo done >&3")), "done\n");
}

TEST(SpawnTest, MappingsMayOverlap) {
  Pipe first;
  Pipe second;
  // Each takes the other's number.
  SpawnRequest request = Shell("echo first >&" + std::to_string(second.write_end.get()) +
                               "; echo second >&" + std::to_string(first.write_end.get()));
  request.fds = {{first.write_end.get(), second.write_end.get()},
                 {second.write_end.get(), first.write_end.get()}};
  if (second.write_end.get() > 9) GTEST_SKIP() << "the shell takes one digit";
  const auto pid = Spawn(request);
  ASSERT_TRUE(pid.ok());
  EXPECT_EQ(first.ReadAll(), "first\n");
  EXPECT_EQ(second.ReadAll(), "second\n");
  EXPECT_TRUE(WaitFor(*pid)->ok());
}

TEST(SpawnTest, SignalsAreAsInAFreshProcess) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  signal(SIGTERM, SIG_IGN);
  const auto pid = Spawn(Shell("kill -TERM $$; exit 3"));
  signal(SIGTERM, SIG_DFL);
  ASSERT_TRUE(pid.ok());
  EXPECT_EQ(WaitFor(*pid)->signal, SIGTERM);
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

TEST(SpawnTest, SaysWhenTheProgramCanNotRun) {
  SpawnRequest request;
  request.program = "/nonexistent/program";
  request.arguments = {"program"};
  const auto pid = Spawn(request);
  ASSERT_FALSE(pid.ok());
  EXPECT_EQ(pid.error().message, "cannot run /nonexistent/program: No such file or directory");
  EXPECT_FALSE(TryReap().has_value());
}

TEST(SpawnTest, TheChildDiesWithItsParent) {
  Pipe lifeline;
  const pid_t parent = fork();
  if (parent == 0) {
    SpawnRequest request = Shell("exec sleep 1000");
    request.die_with_parent = true;
    request.fds = {{lifeline.write_end.get(), 3}};
    _exit(Spawn(request).ok() ? 0 : 1);
  }
  EXPECT_TRUE(WaitFor(parent)->ok());
  EXPECT_EQ(lifeline.ReadAll(), "");  // Returns when the grandchild is gone.
}

TEST(DieWithParentTest, NoticesThatTheParentIsGoneAlready) {
  EXPECT_EQ(RunInChild([] { return DieWithParent(1, SIGKILL) ? 1 : 0; }), 0);
  const pid_t parent = getpid();
  EXPECT_EQ(RunInChild([&] { return DieWithParent(parent, SIGKILL) ? 0 : 1; }), 0);
}

TEST(SubreaperTest, OrphansBecomeChildren) {
  const int status = RunInChild([] {
    if (!BecomeSubreaper().ok()) return 1;
    Pipe pipe;
    const pid_t intermediate = fork();
    if (intermediate == 0) {
      const pid_t orphan = fork();
      if (orphan == 0) _exit(42);
      const ssize_t size = write(pipe.write_end.get(), &orphan, sizeof(orphan));
      _exit(size == sizeof(orphan) ? 0 : 1);
    }
    pid_t orphan = 0;
    if (read(pipe.read_end.get(), &orphan, sizeof(orphan)) != sizeof(orphan)) return 2;
    if (!WaitFor(intermediate)) return 3;
    const auto ended = WaitFor(orphan);
    return ended && ended->code == 42 ? 0 : 4;
  });
  EXPECT_EQ(status, 0);
}

TEST(StandardFdsTest, AreOpenedWhenTheyAreNot) {
  const int status = RunInChild([] {
    close(STDIN_FILENO);
    close(STDERR_FILENO);
    OpenStandardFds();
    if (fcntl(STDIN_FILENO, F_GETFD) < 0 || fcntl(STDERR_FILENO, F_GETFD) < 0) return 1;
    return 0;
  });
  EXPECT_EQ(status, 0);
}

TEST(LimitsTest, OpenFilesAndAddressSpace) {
  const int status = RunInChild([] {
    if (!SetOpenFileLimit(128).ok() || !SetAddressSpaceLimit({1 << 20}).ok()) return 1;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur != 128) return 2;
    getrlimit(RLIMIT_AS, &limit);
    return limit.rlim_cur == rlim_t{1} << 40 ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

TEST(LimitsTest, WhatTheKernelRefusesIsAnError) {
  const auto set = SetOpenFileLimit(std::uint64_t{1} << 40);
  ASSERT_FALSE(set.ok());
  EXPECT_THAT(set.error().message, HasSubstr("cannot set max-fd to 1099511627776"));
}

}  // namespace
}  // namespace uwsgi::os
