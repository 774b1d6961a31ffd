// SPDX-License-Identifier: MIT
//
// Small pieces of a response are sent together, and none waits for longer than a moment.

#include "exchange/held_responses.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "worker/serving_harness.h"

namespace uwsgi {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::Client;
using testing::FakeGateway;
using testing::HarnessOptions;
using testing::Packet;
using testing::ServingHarness;

void Begin(Exchange& exchange) {
  protocol::ResponseHeadBuilder builder;
  builder.SetStatus("200 OK");
  exchange.response().SetHead(builder.head());
}

WriteStatus Write(Exchange& exchange, std::string_view piece, bool last = false) {
  return exchange.response().Write({&piece, 1}, last);
}

// How often something arrives of a response of 1,000 pieces. `blocks`: the application has let go
// of the execution right before, so that another thread waits for events meanwhile.
int CountArrivals(bool blocks) {
  constexpr int kPieces = 1000;
  HarnessOptions options;
  options.threads = 4;
  std::atomic<const Client*> reader{nullptr};
  std::atomic<int> arrivals{0};
  ServingHarness server(
      [&](FakeGateway& gateway, Exchange& exchange) {
        Begin(exchange);
        if (blocks) gateway.Block([] { std::this_thread::sleep_for(50ms); });
        int before = 0;
        for (int i = 0; i < kPieces; ++i) {
          Write(exchange, "0123456789");
          const int now = reader.load()->available();
          if (std::exchange(before, now) != now) ++arrivals;
        }
      },
      Wire::kUwsgi, options);
  Client client = server.Connect();
  reader = &client;
  EXPECT_TRUE(client.Send(Packet({{"PATH_INFO", "/"}})));
  EXPECT_EQ(testing::BodyOf(client.ReadAll()).size(), kPieces * 10U);
  return arrivals;
}

TEST(HeldResponsesTest, PiecesThatComeQuicklyAreSentTogether) {
  EXPECT_LT(CountArrivals(false), 500);
  EXPECT_LT(CountArrivals(true), 500);
}

TEST(HeldResponsesTest, WhatWasWrittenGoesOutBeforeTheSocketIsGivenAway) {
  ServingHarness server([](FakeGateway&, Exchange& exchange) {
    Begin(exchange);
    Write(exchange, "held ");
    EXPECT_EQ(::send(exchange.connection_fd(), "raw ", 4, MSG_NOSIGNAL), 4);
    Write(exchange, "next ");
    EXPECT_EQ(::send(exchange.connection_fd(), "raw", 3, MSG_NOSIGNAL), 3);
  });
  EXPECT_EQ(testing::BodyOf(server.Ask(Packet({{"PATH_INFO", "/"}}))), "held raw next raw");
}

struct PauseCase {
  int threads;
  bool lets_go;  // Of the execution right, while it makes the next piece.
};

void PrintTo(const PauseCase& pause, std::ostream* out) {
  *out << pause.threads << (pause.lets_go ? "_waiting" : "_computing");
}

class PauseTest : public ::testing::TestWithParam<PauseCase> {};

TEST_P(PauseTest, APieceArrivesWhileTheApplicationMakesTheNext) {
  constexpr int kPieces = 30;
  HarnessOptions options;
  options.threads = GetParam().threads;
  std::atomic<int> received{0};
  std::atomic<bool> late{false};
  const auto wait_for = [&](int count) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (received < count && !late) {
      if (std::chrono::steady_clock::now() > deadline) late = true;
      std::this_thread::yield();
    }
  };
  ServingHarness server(
      [&](FakeGateway& gateway, Exchange& exchange) {
        Begin(exchange);
        for (int i = 1; i <= kPieces; ++i) {
          Write(exchange, "x");
          if (GetParam().lets_go) {
            gateway.Block([&] { wait_for(i); });
          } else {
            wait_for(i);
          }
        }
      },
      Wire::kUwsgi, options);
  Client client = server.Connect();
  ASSERT_TRUE(client.Send(Packet({{"PATH_INFO", "/"}})));
  client.ReadUntil("\r\n\r\n");
  while (client.Read(1) == "x") ++received;
  EXPECT_EQ(received, kPieces);
  EXPECT_FALSE(late);
}

INSTANTIATE_TEST_SUITE_P(Cases, PauseTest,
                         ::testing::Values(PauseCase{1, true}, PauseCase{1, false},
                                           PauseCase{4, true}, PauseCase{4, false}));

// For ThreadSanitizer: threads that write, others that send what is held, and responses that end
// in every way meanwhile.
TEST(HeldResponsesTest, AnyNumberOfStreamsArriveWhole) {
  constexpr int kClients = 8;
  constexpr int kPieces = 200;
  HarnessOptions options;
  options.threads = 4;
  ServingHarness server(
      [](FakeGateway& gateway, Exchange& exchange) {
        Begin(exchange);
        for (int i = 1; i <= kPieces; ++i) {
          Write(exchange, "piece");
          if (i % 50 == 0) gateway.Block([] { std::this_thread::sleep_for(3ms); });
        }
        if (exchange.request().path_info == "/cut") exchange.response().Abort();
      },
      Wire::kUwsgi, options);
  std::vector<std::thread> clients;
  std::atomic<int> whole{0};
  while (clients.size() < kClients) {
    clients.emplace_back([&] {
      for (const char* path : {"/", "/cut", "/"}) {
        const std::string body = testing::BodyOf(server.Ask(Packet({{"PATH_INFO", path}})));
        if (body.size() == kPieces * 5U) ++whole;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_GE(whole, 2 * kClients);
}

}  // namespace
}  // namespace uwsgi
