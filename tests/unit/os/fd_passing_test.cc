// SPDX-License-Identifier: MIT

#include "os/fd_passing.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <iterator>
#include <string>

#include "support/child_process.h"

namespace uwsgi::os {
namespace {

auto CountFds() { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); }

class FdPassingTest : public ::testing::Test {
 protected:
  FdPassingTest() {
    auto pair = MakeSocketPair();
    near_ = std::move(pair->first);
    far_ = std::move(pair->second);
  }
  auto Receive(Waiting waiting = Waiting::kDontWait) {
    return ReceiveWithFds(far_.get(), buffer_, waiting);
  }

  UniqueFd near_;
  UniqueFd far_;
  std::array<char, 64> buffer_;
};

TEST_F(FdPassingTest, PassesBytesAndWorkingDescriptors) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  ASSERT_TRUE(*SendWithFds(near_.get(), "hello", ends, Waiting::kWait));
  const auto message = Receive(Waiting::kWait);
  ASSERT_TRUE(message.ok());
  ASSERT_TRUE(message->has_value());
  EXPECT_EQ(std::string(buffer_.data(), (*message)->size), "hello");
  ASSERT_EQ((*message)->fds.size(), 2U);
  EXPECT_NE(fcntl((*message)->fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  char byte = 'x';
  EXPECT_EQ(write((*message)->fds[1].get(), &byte, 1), 1);
  EXPECT_EQ(read(ends[0], &byte, 1), 1);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(FdPassingTest, KeepsMessagesApart) {
  ASSERT_TRUE(*SendWithFds(near_.get(), "one", {}, Waiting::kWait));
  ASSERT_TRUE(*SendWithFds(near_.get(), "two", {}, Waiting::kWait));
  EXPECT_EQ((**Receive()).size, 3U);
  EXPECT_EQ(std::string(buffer_.data(), 3), "one");
  EXPECT_EQ((**Receive()).size, 3U);
  EXPECT_EQ(std::string(buffer_.data(), 3), "two");
}

TEST_F(FdPassingTest, NoMessageIsNoError) {
  const auto message = Receive();
  ASSERT_TRUE(message.ok());
  EXPECT_FALSE(message->has_value());
}

TEST_F(FdPassingTest, TheOtherSideMayGo) {
  near_.reset();
  EXPECT_EQ(Receive(Waiting::kWait).error().code, ErrorCode::kClosed);
  EXPECT_EQ(SendWithFds(far_.get(), "x", {}, Waiting::kWait).error().code, ErrorCode::kClosed);
}

TEST_F(FdPassingTest, AFullQueueIsSaidWithoutWaiting) {
  int sent = 0;
  Result<bool> result = true;
  while ((result = SendWithFds(near_.get(), "x", {}, Waiting::kDontWait)).ok() && *result) ++sent;
  ASSERT_TRUE(result.ok());
  EXPECT_GT(sent, 100);
}

TEST_F(FdPassingTest, AMessageThatDoesNotFitLeaksNoDescriptor) {
  const auto before = CountFds();
  const int fd = STDERR_FILENO;
  ASSERT_TRUE(*SendWithFds(near_.get(), std::string(100, 'x'), {&fd, 1}, Waiting::kWait));
  EXPECT_EQ(Receive().error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(CountFds(), before);
}

TEST_F(FdPassingTest, DescriptorsThatFindNoRoomAreSaid) {
  const int fds[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  ASSERT_TRUE(*SendWithFds(near_.get(), "x", fds, Waiting::kWait));
  const int status = RunInChild([&] {
    const rlimit limit{static_cast<rlim_t>(far_.get()) + 3, static_cast<rlim_t>(far_.get()) + 3};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
    // Leave room for one.
    int last = -1;
    for (int fd; (fd = dup(STDERR_FILENO)) >= 0;) last = fd;
    if (last >= 0) close(last);
    const auto message = Receive();
    if (!message.ok() || !message->has_value()) return 2;
    return (*message)->lost_fds && (*message)->fds.empty() && (*message)->size == 1 ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

TEST_F(FdPassingTest, AsManyAsTheKernelTakes) {
  const std::vector<int> fds(kMaxPassedFds, STDERR_FILENO);
  ASSERT_TRUE(*SendWithFds(near_.get(), "x", fds, Waiting::kWait));
  const auto before = CountFds();
  {
    const auto message = Receive();
    ASSERT_TRUE(message.ok()) << message.error().message;
    EXPECT_EQ((*message)->fds.size(), kMaxPassedFds);
  }
  // The queue held the message's references, not numbers of this process.
  EXPECT_EQ(CountFds(), before);
}

TEST_F(FdPassingTest, WorksAcrossProcesses) {
  EXPECT_EQ(RunInChild([&] {
              int ends[2];
              if (pipe(ends) != 0 || write(ends[1], "from the child", 14) != 14) return 1;
              return *SendWithFds(near_.get(), "pipe", {ends, 1}, Waiting::kWait) ? 0 : 2;
            }),
            0);
  const auto message = Receive(Waiting::kWait);
  ASSERT_EQ((*message)->fds.size(), 1U);
  EXPECT_EQ(read((*message)->fds[0].get(), buffer_.data(), buffer_.size()), 14);
}

}  // namespace
}  // namespace uwsgi::os
