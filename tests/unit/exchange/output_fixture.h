// SPDX-License-Identifier: MIT

#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>

#include "base/unique_fd.h"
#include "exchange/held_responses.h"
#include "exchange/response_output.h"
#include "net/peer_socket.h"
#include "net/spool_file.h"

namespace uwsgi::testing {

// A response's output to a client that is here.
class OutputFixture : public ::testing::Test {
 protected:
  // Waits for nothing: the client takes nothing meanwhile.
  class NoWaiter final : public Waiter {
   public:
    void StepAside() override { ++asides; }
    void StepBack() override {}
    IoStatus Wait(int, Direction, std::chrono::milliseconds) override { return IoStatus::kTimeout; }

    int asides = 0;
  };

  OutputFixture() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    socket_.Open(UniqueFd(ends[0]));
    client_ = UniqueFd(ends[1]);
    held_.OnFirst([this] { ++wakes_; });
    output_.Begin({&socket_, &spool_limits_, &held_, std::chrono::milliseconds(1)});
  }

  Passed Send(std::string_view text, Rest rest) {
    return output_.Send({{&text, 1}, text.size()}, {}, rest);
  }
  // What has come.
  std::string Received() {
    std::string all(1 << 20, '\0');
    const ssize_t got = ::recv(client_.get(), all.data(), all.size(), MSG_DONTWAIT);
    return all.substr(0, got > 0 ? static_cast<std::size_t>(got) : 0);
  }

  const SpoolLimits spool_limits_{"/tmp", 0};
  PeerSocket socket_;
  UniqueFd client_;
  int wakes_ = 0;
  HeldResponses held_;
  NoWaiter waiter_;
  ResponseOutput output_{waiter_};
};

}  // namespace uwsgi::testing
