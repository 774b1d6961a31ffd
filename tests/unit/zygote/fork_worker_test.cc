// SPDX-License-Identifier: MIT

#include "zygote/fork_worker.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/exit_status.h"
#include "os/process.h"

namespace uwsgi {
namespace {

// The tests' process takes the master's and the zygote's place at once.
class ForkedWorkerTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(os::BecomeSubreaper()); }
};

TEST_F(ForkedWorkerTest, TheWorkerIsTheSubreapersChildAndPassesTheOpenGate) {
  const pid_t self = ::getpid();
  auto worker = ForkedWorker::Fork();
  ASSERT_TRUE(worker);
  if (worker->is_worker()) ::_exit(worker->PassGate() && ::getppid() == self ? 42 : 1);
  EXPECT_GT(worker->pid(), 0);
  worker->OpenGate();
  const auto status = os::WaitFor(worker->pid());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 42);
}

TEST_F(ForkedWorkerTest, TheGateStaysShutWhenTheZygoteGoes) {
  pid_t pid = 0;
  {
    auto worker = ForkedWorker::Fork();
    ASSERT_TRUE(worker);
    if (worker->is_worker()) ::_exit(worker->PassGate() ? 1 : 43);
    pid = worker->pid();
  }
  const auto status = os::WaitFor(pid);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 43);
}

TEST_F(ForkedWorkerTest, OpeningTheGateOfADeadWorkerIsHarmless) {
  auto worker = ForkedWorker::Fork();
  ASSERT_TRUE(worker);
  if (worker->is_worker()) ::_exit(0);
  ASSERT_TRUE(os::WaitFor(worker->pid()));
  worker->OpenGate();
}

}  // namespace
}  // namespace uwsgi
