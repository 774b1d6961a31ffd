// SPDX-License-Identifier: MIT

#include "net/lingering.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include "worker/serving_harness.h"

namespace uwsgi {
namespace {

using testing::Client;
using testing::FakeGateway;
using testing::HarnessOptions;
using testing::Packet;
using testing::Respond;
using testing::ServingHarness;
using namespace std::chrono_literals;

class LingeringTest : public ::testing::Test {
 protected:
  LingeringTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    socket_.Open(UniqueFd(ends[0]));
    peer_.reset(ends[1]);
    lingering_.Begin(0);
  }
  void Send(std::string_view text) {
    const iovec piece{const_cast<char*>(text.data()), text.size()};
    ASSERT_EQ(socket_.Send({&piece, 1}).bytes, text.size());
  }
  void PeerReads() {
    char byte = 0;
    ASSERT_EQ(::recv(peer_.get(), &byte, 1, 0), 1);
  }

  PeerSocket socket_;
  UniqueFd peer_;
  Lingering lingering_;
};

TEST_F(LingeringTest, ThrowsAwayWhatComes) {
  EXPECT_EQ(lingering_.Discard(socket_), IoStatus::kWouldBlock);
  ASSERT_EQ(::send(peer_.get(), "abc", 3, 0), 3);
  EXPECT_TRUE(socket_.HasInput());
  EXPECT_EQ(lingering_.Discard(socket_), IoStatus::kOk);
  EXPECT_FALSE(socket_.HasInput());
  peer_.reset();
  EXPECT_EQ(lingering_.Discard(socket_), IoStatus::kEnd);
}

TEST_F(LingeringTest, EndsHalfAMinuteAfterItsBegin) {
  EXPECT_TRUE(lingering_.HasTimeLeft(25'000));
  EXPECT_FALSE(lingering_.HasTimeLeft(25'001));
}

TEST_F(LingeringTest, SeesWhetherThePeerTakesItsAnswer) {
  EXPECT_FALSE(lingering_.HasProgress(socket_)) << "nothing is unsent";
  // Unix sockets count whole messages.
  Send("a");
  Send("b");
  Send("c");
  lingering_.Begin(0);
  EXPECT_TRUE(lingering_.HasProgress(socket_));
  EXPECT_FALSE(lingering_.HasProgress(socket_));
  PeerReads();
  EXPECT_TRUE(lingering_.HasProgress(socket_));
  PeerReads();
  PeerReads();
  EXPECT_FALSE(lingering_.HasProgress(socket_)) << "it has all of it";
}

// Where the next request is when the response is complete.
enum class Late { kInTheServersBuffer, kInTheKernel };

class LastResponseTest : public ::testing::TestWithParam<std::tuple<Wire, Late, int>> {};

TEST_P(LastResponseTest, IsNotCutByWhatFollowsItsRequest) {
  const auto [wire, late, threads] = GetParam();
  HarnessOptions options;
  options.threads = threads;
  std::atomic<bool> sent{false};
  ServingHarness server(
      [&](FakeGateway& gateway, Exchange& exchange) {
        gateway.Block([&] {
          while (!sent) std::this_thread::yield();
        });
        Respond(exchange, "the last answer");
      },
      wire, options);
  const std::string request = wire == Wire::kHttp
                                  ? "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                                  : Packet({{"PATH_INFO", "/"}});
  Client client = server.Connect();
  if (late == Late::kInTheServersBuffer) {
    ASSERT_TRUE(client.Send(request + request));
  } else {
    ASSERT_TRUE(client.Send(request));
    while (server.gateway().running() == 0) std::this_thread::yield();
    ASSERT_TRUE(client.Send(request));
  }
  sent = true;
  bool reset = false;
  EXPECT_TRUE(client.ReadAll(&reset).ends_with("the last answer"));
  EXPECT_FALSE(reset);
}

INSTANTIATE_TEST_SUITE_P(All, LastResponseTest,
                         ::testing::Values(std::tuple(Wire::kHttp, Late::kInTheServersBuffer, 1),
                                           std::tuple(Wire::kHttp, Late::kInTheServersBuffer, 2),
                                           std::tuple(Wire::kHttp, Late::kInTheKernel, 1),
                                           std::tuple(Wire::kHttp, Late::kInTheKernel, 2),
                                           std::tuple(Wire::kUwsgi, Late::kInTheServersBuffer, 1)));

}  // namespace
}  // namespace uwsgi
