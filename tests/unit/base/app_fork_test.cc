// SPDX-License-Identifier: MIT

#include "base/app_fork.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <thread>

#include "base/unique_fd.h"
#include "support/child_process.h"

namespace uwsgi {
namespace {

// The exit status of a child of a process that disowns its forks: whether it is an application's,
// and whether it has kept a descriptor of the server's.
constexpr int kIsAppFork = 1;
constexpr int kHasDescriptor = 2;

int WhatAChildSees(int fd) {
  return RunInChild([fd] {
    return (IsAppFork() ? kIsAppFork : 0) + (fcntl(fd, F_GETFD) >= 0 ? kHasDescriptor : 0);
  });
}

TEST(AppForkTest, AChildOfTheApplicationHasNothingOfTheServers) {
  EXPECT_FALSE(IsAppFork());
  EXPECT_EQ(RunInChild([] {
              DisownForks();
              const UniqueFd fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
              return WhatAChildSees(fd.get());
            }),
            kIsAppFork);
}

TEST(AppForkTest, WhatTheServerForksIsTheServer) {
  EXPECT_EQ(RunInChild([] {
              DisownForks();
              const UniqueFd fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
              const ServerFork own;
              return WhatAChildSees(fd.get());
            }),
            kHasDescriptor);
}

TEST(AppForkTest, AnotherThreadsForkIsTheApplicationsMeanwhile) {
  EXPECT_EQ(RunInChild([] {
              DisownForks();
              const ServerFork own;
              int seen = 0;
              std::thread([&] { seen = WhatAChildSees(-1); }).join();
              return seen;
            }),
            kIsAppFork);
}

TEST(AppForkTest, AWorkersChildIsTheApplicationsAgain) {
  EXPECT_EQ(RunInChild([] {
              DisownForks();
              std::optional<ServerFork> own(std::in_place);
              return RunInChild([&own] {
                own.reset();
                return WhatAChildSees(-1);
              });
            }),
            kIsAppFork);
}

}  // namespace
}  // namespace uwsgi
