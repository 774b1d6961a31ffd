// SPDX-License-Identifier: MIT

#include "os/log_outputs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "support/child_process.h"

namespace uwsgi::os {
namespace {

ino_t InodeOf(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

TEST(LogOutputsTest, PutsBackWhatIsClosedAndNothingElse) {
  EXPECT_EQ(RunInChild([] {
              int pipe_ends[2];
              if (pipe(pipe_ends) != 0) return 1;
              dup2(pipe_ends[1], STDERR_FILENO);
              const ino_t log = InodeOf(STDERR_FILENO);
              LogOutputs outputs;
              if (outputs.Restore()) return 2;
              for (const int fd : {0, 1, 2}) close(fd);
              if (outputs.Restore() != STDERR_FILENO || InodeOf(STDERR_FILENO) != log) return 3;
              if (fcntl(STDIN_FILENO, F_GETFD) < 0) return 4;
              dup2(STDIN_FILENO, STDERR_FILENO);  // Somebody wants it so.
              return !outputs.Restore() && InodeOf(STDERR_FILENO) != log ? 0 : 5;
            }),
            0);
}

TEST(LogOutputsTest, TakesNothingElseForTheLog) {
  EXPECT_EQ(RunInChild([] {
              LogOutputs outputs;
              for (int fd = STDOUT_FILENO; fd < 64; ++fd) close(fd);
              int last = -1;
              while (last < 63) last = open("/dev/zero", O_WRONLY | O_CLOEXEC);
              close(STDOUT_FILENO);
              close(STDERR_FILENO);
              if (outputs.Restore()) return 1;
              return InodeOf(STDERR_FILENO) != InodeOf(last) ? 0 : 2;
            }),
            0);
}

TEST(AboveStandardFdsTest, MovesStandardNumbersOnly) {
  EXPECT_EQ(RunInChild([] {
              close(STDIN_FILENO);
              UniqueFd low(open("/dev/null", O_RDONLY | O_CLOEXEC));
              if (low.get() != STDIN_FILENO) return 1;
              const ino_t file = InodeOf(low.get());
              UniqueFd moved = AboveStandardFds(std::move(low));
              if (moved.get() <= STDERR_FILENO || InodeOf(moved.get()) != file) return 2;
              if (fcntl(STDIN_FILENO, F_GETFD) >= 0) return 3;
              const int number = moved.get();
              return AboveStandardFds(std::move(moved)).get() == number ? 0 : 4;
            }),
            0);
}

}  // namespace
}  // namespace uwsgi::os
