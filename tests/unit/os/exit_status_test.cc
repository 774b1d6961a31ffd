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

  EXPECT_TRUE(WaitFor(Fork(0, 0))->ok());
  EXPECT_FALSE(WaitFor(1).ok());
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

}  // namespace
}  // namespace uwsgi::os
