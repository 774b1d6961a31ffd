// SPDX-License-Identifier: MIT

#include "worker/harakiri.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <thread>

#include "os/clock.h"
#include "support/fake_gateway.h"
#include "worker/gateway_waiter.h"

namespace uwsgi {
namespace {

using namespace std::chrono_literals;

class HarakiriTest : public ::testing::Test {
 protected:
  // A request that began so long ago.
  ActiveExchange& Begun(std::chrono::seconds ago) {
    exchange_.started_ns = os::MonotonicNs() - std::chrono::nanoseconds(ago).count();
    ResponseContext context;
    context.socket = &socket_;
    context.wire = &ProtocolOf(Wire::kUwsgi);
    context.spool_limits = &spool_limits_;
    exchange_.response_stream.Begin(context);
    return exchange_;
  }

  testing::FakeGateway gateway_{[](testing::FakeGateway&, Exchange&) {}};
  const RequestOptions options_{};
  const BodyLimits body_limits_{};
  const SpoolLimits spool_limits_{};
  const std::string hostname_ = "vm";
  PeerSocket socket_;  // Nobody is connected.
  ThreadSlot slot_{};
  int told_ = 0;
  const std::function<void(ActiveExchange&)> on_ended_ = [this](ActiveExchange&) { ++told_; };
  NotedNames noted_{};
  const DroppedHeaders dropped_headers_{{}, noted_};
  GatewayWaiter waiter_{gateway_};
  ActiveExchange exchange_{waiter_, {options_, hostname_, dropped_headers_}, body_limits_};
};

TEST_F(HarakiriTest, WithoutALimitNothingIsWatched) {
  Harakiri harakiri(0s, 2, 1, gateway_);
  harakiri.Watch(Begun(1000s), 1, slot_);
  EXPECT_EQ(slot_.deadline_ns, 0);
  EXPECT_EQ(harakiri.EndOverdue(on_ended_), 0);
  harakiri.Unwatch(1);
}

TEST_F(HarakiriTest, TheDeadlineCountsFromTheCallOfTheApplication) {
  Harakiri harakiri(30s, 2, 1, gateway_);
  const ActiveExchange& exchange = Begun(20s);
  harakiri.Watch(exchange_, 0, slot_);
  EXPECT_EQ(slot_.deadline_ns, exchange.started_ns + std::chrono::nanoseconds(30s).count());
  EXPECT_EQ(harakiri.EndOverdue(on_ended_), 0);
  EXPECT_EQ(gateway_.dumps(), 0);
}

TEST_F(HarakiriTest, WhatHasEndedInTimeIsSpared) {
  Harakiri harakiri(10s, 2, 1, gateway_);
  harakiri.Watch(Begun(20s), 1, slot_);
  harakiri.Unwatch(1);
  EXPECT_EQ(harakiri.EndOverdue(on_ended_), 0);
}

TEST_F(HarakiriTest, WhatIsOverdueIsEndedOnce) {
  Harakiri harakiri(10s, 2, 1, gateway_);
  harakiri.Watch(Begun(20s), 1, slot_);
  EXPECT_EQ(harakiri.EndOverdue(on_ended_), 1);
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(harakiri.EndOverdue(on_ended_), 1) << "it counts from the beginning";
  EXPECT_EQ(gateway_.dumps(), 1);
  EXPECT_EQ(exchange_.response_stream.code(), 504);
  const std::string_view late = "late";
  EXPECT_EQ(exchange_.response().Write({&late, 1}, true), WriteStatus::kAborted);
}

// However long its thread was lent to the client before.
TEST_F(HarakiriTest, WhoeverWaitsForTheBodyHasASecondToEnd) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
  socket_.Open(UniqueFd(ends[0]));
  const UniqueFd client(ends[1]);
  Harakiri harakiri(10s, 2, 1, gateway_);
  BodyStream& body = Begun(1000s).body_stream;
  ReadBuffer input;
  body.Begin(socket_, input, 100, true, 60s);
  ASSERT_EQ(body.Prefetch(true), BodyStream::Prefetched::kStreaming);
  harakiri.Watch(exchange_, 0, slot_);
  ReadOutcome outcome;
  std::thread reader([&] {
    std::array<char, 10> piece;
    gateway_.Acquire();
    outcome = body.Read(piece);
    gateway_.Release();
  });
  const auto enough = std::chrono::nanoseconds(100ms).count();
  while (body.time_lent_ns() < enough) std::this_thread::yield();
  EXPECT_EQ(harakiri.EndOverdue(on_ended_), 0);
  EXPECT_LE(slot_.deadline_ns, os::MonotonicNs() + std::chrono::nanoseconds(1s).count());
  reader.join();
  EXPECT_EQ(outcome.status, ReadStatus::kTimeout);
}

}  // namespace
}  // namespace uwsgi
