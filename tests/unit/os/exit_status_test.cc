// SPDX-License-Identifier: MIT

#include "os/exit_status.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "support/child_process.h"

namespace uwsgi::os {
namespace {

pid_t Fork(int code, int signum) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (signum != 0) raise(signum);
  _exit(code);
}

TEST(ExitStatusTest, TellsExitsFromSignals) {
  const auto exited = WaitFor(Fork(22, 0));
  EXPECT_EQ(exited->code, 22);
  EXPECT_FALSE(exited->ok());
  EXPECT_EQ(exited->Text(), "exited with status 22");

  const auto killed = WaitFor(Fork(0, SIGKILL));
  EXPECT_EQ(killed->signal, SIGKILL);
  EXPECT_FALSE(killed->ok());
  EXPECT_EQ(killed->Text(), "was killed by signal 9 (Killed)");
  const ExitStatus real_time = {.code = 0, .signal = SIGRTMIN};
  EXPECT_EQ(real_time.Text().substr(0, 34), "was killed by signal 34 (Real-time");

  EXPECT_TRUE(WaitFor(Fork(0, 0))->ok());
  EXPECT_FALSE(WaitFor(1));
}

TEST(ExitStatusTest, ReapsOnlyWhatHasEnded) {
  EXPECT_FALSE(TryReap().has_value());
  const pid_t sleeper = Fork(0, SIGSTOP);
  const pid_t first = Fork(3, 0);
  std::optional<Reaped> reaped;
  ASSERT_TRUE(WaitUntil([&] { return (reaped = TryReap()).has_value(); }));
  EXPECT_EQ(reaped->pid, first);
  EXPECT_EQ(reaped->status.code, 3);
  EXPECT_FALSE(TryReap().has_value());
  kill(sleeper, SIGKILL);
  ASSERT_TRUE(WaitUntil([&] { return (reaped = TryReap()).has_value(); }));
  EXPECT_EQ(reaped->status.signal, SIGKILL);
}

TEST(WaitForTest, AChildThatWasReapedByOthersHasEnded) {
  EXPECT_EQ(RunInChild([] {
              signal(SIGCHLD, SIG_IGN);
              const pid_t child = fork();
              if (child == 0) _exit(3);
              return !WaitFor(child) && kill(child, 0) != 0 ? 0 : 1;
            }),
            0);
}

TEST(IsChildTest, KnowsChildrenThatLiveAndThatWereNotReaped) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  EXPECT_TRUE(IsChild(child));
  kill(child, SIGKILL);
  EXPECT_TRUE(IsChild(child));
  EXPECT_TRUE(WaitFor(child));
  EXPECT_FALSE(IsChild(child));
  for (const pid_t other : {getppid(), getpid(), 0, -1, -child}) EXPECT_FALSE(IsChild(other));
}

}  // namespace
}  // namespace uwsgi::os
