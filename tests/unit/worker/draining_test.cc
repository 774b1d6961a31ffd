// SPDX-License-Identifier: MIT
//
// What a worker that ends does with the connections that it has.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "worker/serving_harness.h"

namespace uwsgi {
namespace {

using testing::BodyOf;
using testing::Client;
using testing::FakeGateway;
using testing::Packet;
using testing::Respond;
using testing::ServingHarness;
using namespace std::chrono_literals;

void Hello(FakeGateway&, Exchange& exchange) { Respond(exchange, "hello"); }

TEST(DrainingTest, FinishesWhatIsInFlight) {
  std::atomic<bool> inside{false};
  std::atomic<bool> release{false};
  auto server = std::make_unique<ServingHarness>(
      [&](FakeGateway& gateway, Exchange& exchange) {
        inside = true;
        gateway.Block([&] {
          while (!release) std::this_thread::sleep_for(1ms);
        });
        Respond(exchange, "done");
      },
      Wire::kHttp);
  Client client = server->Connect();
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  while (!inside) std::this_thread::yield();
  server->Drain();
  std::thread releaser([&] { release = true; });
  EXPECT_EQ(client.ReadUntil("done").substr(0, 15), "HTTP/1.1 200 OK");
  releaser.join();
  server.reset();
}

TEST(DrainingTest, WaitsForHalfAHeadNoLongerThanForALastChance) {
  for (const Wire wire : {Wire::kUwsgi, Wire::kHttp}) {
    const std::string half = wire == Wire::kHttp ? "GET / HT" : std::string("\0\x40", 2);
    auto server = std::make_unique<ServingHarness>(Hello, wire);
    Client before = server->Connect();
    ASSERT_TRUE(before.Send(half));
    // Another client's answer says that the first one's bytes were read.
    const std::string whole = wire == Wire::kHttp ? "GET / HTTP/1.0\r\n\r\n" : Packet({{"A", "b"}});
    ASSERT_EQ(BodyOf(server->Ask(whole)), "hello");
    const auto start = std::chrono::steady_clock::now();
    server->Drain();
    EXPECT_TRUE(before.ReadAll().starts_with("HTTP/1.1 408 "));
    before.Close();
    server.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  }
}

TEST(DrainingTest, LetsAHeadThatCompletesHaveItsAnswer) {
  ServingHarness server(Hello, Wire::kHttp);
  Client client = server.Connect();
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHo"));
  ASSERT_EQ(BodyOf(server.Ask("GET / HTTP/1.0\r\n\r\n")), "hello");
  server.Drain();
  ASSERT_TRUE(client.Send("st: a\r\n\r\n"));
  EXPECT_EQ(BodyOf(client.ReadAll()), "hello");
}

}  // namespace
}  // namespace uwsgi
