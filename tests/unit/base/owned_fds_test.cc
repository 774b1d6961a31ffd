// SPDX-License-Identifier: MIT

#include "base/owned_fds.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <utility>

#include "base/unique_fd.h"
#include "support/child_process.h"

namespace uwsgi {
namespace {

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

int OpenNull() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(CloseOwnedFdsTest, ClosesWhatUniqueFdsOwnAndNothingElse) {
  EXPECT_EQ(RunInChild([] {
              UniqueFd owned(OpenNull());
              UniqueFd moved(std::move(owned));
              UniqueFd given(OpenNull());
              UniqueFd reset;
              reset.reset(OpenNull());
              const int free = given.release();
              const int foreign = OpenNull();
              CloseOwnedFds();
              const bool closed = !IsOpen(moved.get()) && !IsOpen(reset.get());
              return closed && IsOpen(free) && IsOpen(foreign) && IsOpen(STDERR_FILENO) ? 0 : 1;
            }),
            0);
}

TEST(CloseOwnedFdsTest, ANumberThatWasClosedIsFreeForOthers) {
  EXPECT_EQ(RunInChild([] {
              UniqueFd owned(OpenNull());
              const int number = owned.get();
              owned.reset();
              const int foreign = OpenNull();
              CloseOwnedFds();
              return foreign == number && IsOpen(foreign) ? 0 : 1;
            }),
            0);
}

TEST(CloseOwnedFdsTest, DescriptorsOfAnyNumberCount) {
  EXPECT_EQ(RunInChild([] {
              const UniqueFd high(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 1000));
              CloseOwnedFds();
              return high.get() >= 1000 && !IsOpen(high.get()) ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace uwsgi
