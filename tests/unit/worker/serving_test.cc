// SPDX-License-Identifier: MIT
//
// Connections from accept to close, over real sockets, with a function for an application.

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "os/fd_passing.h"
#include "support/descriptor_limit.h"
#include "worker/serving_harness.h"

namespace uwsgi {
namespace {

using testing::BodyOf;
using testing::Client;
using testing::FakeGateway;
using testing::HarnessOptions;
using testing::Packet;
using testing::Respond;
using testing::ServingHarness;
using namespace std::chrono_literals;

std::string ReadWholeBody(Exchange& exchange) {
  std::string body;
  std::array<char, 1000> piece;
  for (;;) {
    const ReadOutcome outcome = exchange.body().Read(piece);
    if (outcome.status != ReadStatus::kOk) return "failed after " + std::to_string(body.size());
    if (outcome.bytes == 0) return body;
    body.append(piece.data(), outcome.bytes);
  }
}

void EchoBody(FakeGateway&, Exchange& exchange) { Respond(exchange, ReadWholeBody(exchange)); }

void Hello(FakeGateway&, Exchange& exchange) { Respond(exchange, "hello"); }

TEST(ServingTest, AnswersAUwsgiRequestAndAddsNothing) {
  ServingHarness server(Hello);
  EXPECT_EQ(server.Ask(Packet({{"REQUEST_METHOD", "GET"}, {"PATH_INFO", "/"}})),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello");
}

TEST(ServingTest, ReadsAPacketSplitAtEveryByte) {
  ServingHarness server(EchoBody);
  const std::string packet = Packet({{"REQUEST_METHOD", "POST"}, {"CONTENT_LENGTH", "5"}}, "12345");
  for (std::size_t split = 1; split < packet.size(); ++split) {
    Client client = server.Connect();
    ASSERT_TRUE(client.Send(packet.substr(0, split)));
    std::this_thread::yield();
    ASSERT_TRUE(client.Send(packet.substr(split)));
    ASSERT_EQ(BodyOf(client.ReadAll()), "12345") << "split at " << split;
  }
}

TEST(ServingTest, GivesBodiesOfAllSizesWhole) {
  ServingHarness server(EchoBody);
  for (const std::size_t size : {0UL, 1UL, 4096UL, 65536UL, 1048576UL, 1048577UL, 5000000UL}) {
    std::string body(size, 'x');
    for (std::size_t at = 0; at < size; at += 977) body[at] = static_cast<char>('a' + at % 26);
    Client client = server.Connect();
    std::thread sender([&] {
      client.Send(Packet({{"CONTENT_LENGTH", std::to_string(size)}}, body));
    });
    const std::string answer = BodyOf(client.ReadAll());
    sender.join();
    ASSERT_TRUE(answer == body) << size << " bytes";
  }
}

TEST(ServingTest, SpoolsALargeBodyAndLetsItBeReadTwice) {
  HarnessOptions options;
  options.post_buffering.bytes = 4096;
  ServingHarness server(
      [](FakeGateway&, Exchange& exchange) {
        const std::string first = ReadWholeBody(exchange);
        const bool sought = exchange.body().is_seekable() && exchange.body().Seek(0);
        Respond(exchange, sought && ReadWholeBody(exchange) == first ? first : "lost");
      },
      Wire::kUwsgi, options);
  const std::string body(100000, 'b');
  EXPECT_EQ(BodyOf(server.Ask(Packet({{"CONTENT_LENGTH", "100000"}}, body))), body);
}

TEST(ServingTest, TellsTheApplicationThatABodyWasCutShort) {
  ServingHarness server(EchoBody);
  Client client = server.Connect();
  ASSERT_TRUE(client.Send(Packet({{"CONTENT_LENGTH", "10"}}, "1234")));
  client.EndInput();
  EXPECT_EQ(BodyOf(client.ReadAll()), "failed after 4");
}

TEST(ServingTest, RefusesWhatIsNoPacket) {
  ServingHarness server(Hello);
  EXPECT_TRUE(server.Ask("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(server.Ask(std::string("\0\3\0\0abc", 7)).starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(server.Ask(Packet({{"CONTENT_LENGTH", "5abc"}})).starts_with("HTTP/1.1 400 "));
  std::string other_modifier = Packet({{"PATH_INFO", "/"}});
  other_modifier[0] = 5;
  EXPECT_TRUE(server.Ask(other_modifier).starts_with("HTTP/1.1 501 "));
  EXPECT_EQ(server.scoreboard().total_requests(), 0U) << "the application was called";
}

TEST(ServingTest, RefusesVariablesBeyondTheBufferSize) {
  HarnessOptions options;
  options.buffer_size.bytes = 1000;
  ServingHarness server(Hello, Wire::kUwsgi, options);
  const std::string fits = Packet({{"K", std::string(1000 - 5, 'v')}});
  EXPECT_TRUE(server.Ask(fits).starts_with("HTTP/1.1 200 "));
  const std::string over = Packet({{"K", std::string(1000 - 4, 'v')}});
  EXPECT_TRUE(server.Ask(over).starts_with("HTTP/1.1 431 "));
}

TEST(ServingTest, RefusesABodyBeyondTheLimit) {
  HarnessOptions options;
  options.limit_post.bytes = 10;
  ServingHarness server(EchoBody, Wire::kHttp, options);
  EXPECT_TRUE(server.Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n12345678901")
                  .starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(server
                  .Ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "b\r\n12345678901\r\n0\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
}

TEST(ServingTest, DeliversAnAnswerDespiteAnUnreadBody) {
  ServingHarness server(Hello);
  const std::string body(3'000'000, 'u');
  for (int round = 0; round < 20; ++round) {
    Client client = server.Connect();
    std::thread sender([&] { client.Send(Packet({{"CONTENT_LENGTH", "3000000"}}, body)); });
    bool reset = false;
    const std::string response = client.ReadAll(&reset);
    sender.join();
    ASSERT_EQ(BodyOf(response), "hello");
    ASSERT_FALSE(reset);
  }
}

TEST(ServingTest, KeepsHttpConnectionsAndAnswersPipelinedRequestsInOrder) {
  ServingHarness server(
      [](FakeGateway&, Exchange& exchange) { Respond(exchange, exchange.request().path_info); },
      Wire::kHttp);
  Client client = server.Connect();
  ASSERT_TRUE(
      client.Send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n"
                  "POST /third HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"));
  EXPECT_TRUE(client.ReadUntil("/first").find("Content-Length: 6\r\n") != std::string::npos);
  client.ReadUntil("/second");
  client.ReadUntil("/third");
  ASSERT_TRUE(client.Send("GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(BodyOf(client.ReadAll()), "/4");
}

TEST(ServingTest, DecodesAChunkedBodyAndFindsTheNextRequestBehindIt) {
  ServingHarness server(EchoBody, Wire::kHttp);
  Client client = server.Connect();
  ASSERT_TRUE(
      client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
                  "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  client.ReadUntil("abcdefg");
  EXPECT_TRUE(client.ReadAll().starts_with("HTTP/1.1 200 "));
}

TEST(ServingTest, AsksForTheBodyThatTheClientHoldsBack) {
  ServingHarness server(EchoBody, Wire::kHttp);
  Client client = server.Connect();
  ASSERT_TRUE(
      client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                  "Expect: 100-continue\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.Send("ok"));
  EXPECT_EQ(BodyOf(client.ReadAll()), "ok");
}

TEST(ServingTest, AsksForNoBodyInTheMiddleOfAResponse) {
  HarnessOptions options;
  options.threads = 2;
  ServingHarness server(
      [](FakeGateway&, Exchange& exchange) {
        protocol::ResponseHeadBuilder builder;
        builder.SetStatus("200 OK");
        exchange.response().SetHead(builder.head());
        const std::string_view before = "before";
        exchange.response().Write({&before, 1}, false);
        const std::string body = ReadWholeBody(exchange);
        const std::string_view after = body;
        exchange.response().Write({&after, 1}, true);
      },
      Wire::kHttp, options);
  Client client = server.Connect();
  ASSERT_TRUE(
      client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                  "Expect: 100-continue\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(client.ReadUntil("6\r\nbefore\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
  ASSERT_TRUE(client.Send("12345"));
  EXPECT_EQ(client.ReadAll(), "5\r\n12345\r\n0\r\n\r\n");
}

TEST(ServingTest, SendsNoBodyForHead) {
  for (const Wire wire : {Wire::kUwsgi, Wire::kHttp}) {
    ServingHarness server(Hello, wire);
    const std::string response =
        wire == Wire::kHttp ? server.Ask("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                            : server.Ask(Packet({{"REQUEST_METHOD", "HEAD"}}));
    EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(BodyOf(response), "");
  }
}

TEST(ServingTest, SendsNoBodyWithAnErrorForHead) {
  HarnessOptions options;
  options.limit_post.bytes = 10;
  options.buffer_size.bytes = 1000;
  options.head_timeout = 1s;
  const auto silent = [](FakeGateway&, Exchange&) {};
  ServingHarness http(silent, Wire::kHttp, options);
  ServingHarness uwsgi(silent, Wire::kUwsgi, options);
  const std::string padding(1000, 'p');
  const struct {
    ServingHarness& server;
    std::string request;
    std::string status;
  } kCases[] = {
      {http, "HEAD / HTTP/1.1\r\n\r\n", "400"},
      {http, "\r\nHEAD / HTTP/1.1\r\n\r\n", "400"},
      {http, "HEAD / HTTP/1.1\r\nHost: a\r\n", "408"},
      {http, "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", "413"},
      {http, "HEAD /" + padding + " HTTP/1.1\r\nHost: a\r\n\r\n", "414"},
      {http, "HEAD / HTTP/1.1\r\nHost: a\r\nA: " + padding + "\r\n\r\n", "431"},
      {http, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "500"},
      {http, "HEAD / HTTP/9.9\r\nHost: a\r\n\r\n", "505"},
      {uwsgi, Packet({{"REQUEST_METHOD", "HEAD"}, {"CONTENT_LENGTH", "11"}}), "413"},
      {uwsgi, Packet({{"REQUEST_METHOD", "HEAD"}}), "500"},
  };
  for (const auto& row : kCases) {
    const std::string response = row.server.Ask(row.request);
    EXPECT_TRUE(response.starts_with("HTTP/1.1 " + row.status)) << response;
    EXPECT_EQ(BodyOf(response), "") << row.request.substr(0, 60);
  }
}

void Stream(Exchange& exchange, int pieces, std::size_t size) {
  protocol::ResponseHeadBuilder builder;
  builder.SetStatus("200 OK");
  exchange.response().SetHead(builder.head());
  const std::string piece(size, 'p');
  for (int sent = 0; sent < pieces; ++sent) {
    const std::string_view view = piece;
    if (exchange.response().Write({&view, 1}, false) != WriteStatus::kOk) return;
  }
  exchange.response().Write({}, true);
}

TEST(ServingTest, ChunksAStreamOfUnknownLength) {
  ServingHarness server([](FakeGateway&, Exchange& exchange) { Stream(exchange, 2, 3); },
                        Wire::kHttp);
  const std::string response = server.Ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(response.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(BodyOf(response), "3\r\nppp\r\n3\r\nppp\r\n0\r\n\r\n");
}

TEST(ServingTest, DrainsALargeResponseWithoutAThread) {
  std::atomic<int> concluded{0};
  ServingHarness server([&](FakeGateway&, Exchange& exchange) {
    Respond(exchange, std::string(20'000'000, 'd'));
    ++concluded;
  });
  Client slow = server.Connect();
  ASSERT_TRUE(slow.Send(Packet({{"PATH_INFO", "/"}})));
  // While nobody reads that one, others are served by the only thread.
  for (int other = 0; other < 3; ++other) {
    Client client = server.Connect();
    ASSERT_TRUE(client.Send(Packet({{"PATH_INFO", "/"}})));
    EXPECT_EQ(BodyOf(client.ReadAll()).size(), 20'000'000U);
  }
  EXPECT_EQ(concluded, 4);
  EXPECT_EQ(BodyOf(slow.ReadAll()).size(), 20'000'000U);
}

TEST(ServingTest, MakesAStreamWaitForItsClient) {
  std::atomic<int> written{0};
  ServingHarness server([&](FakeGateway&, Exchange& exchange) {
    Stream(exchange, 300, 100'000);
    ++written;
  });
  Client client = server.Connect();
  ASSERT_TRUE(client.Send(Packet({{"PATH_INFO", "/"}})));
  client.ReadUntil("\r\n\r\n");
  EXPECT_EQ(written, 0) << "30 MB fit nowhere";
  EXPECT_EQ(client.ReadAll().size(), 30'000'000U);
}

TEST(ServingTest, SlowClientsOccupyNoThread) {
  ServingHarness server(Hello);
  std::vector<Client> slow;
  for (int count = 0; count < 100; ++count) {
    slow.push_back(server.Connect());
    ASSERT_TRUE(slow.back().Send(std::string_view("\0\xff", 2)));
  }
  EXPECT_EQ(BodyOf(server.Ask(Packet({{"PATH_INFO", "/"}}))), "hello");
}

TEST(ServingTest, EndsAHeadThatTakesTooLong) {
  HarnessOptions options;
  options.head_timeout = 1s;
  ServingHarness server(Hello, Wire::kHttp, options);
  Client client = server.Connect();
  ASSERT_TRUE(client.Send("GET / HT"));
  EXPECT_TRUE(client.ReadAll().starts_with("HTTP/1.1 408 "));
}

TEST(ServingTest, CutsAResponseThatTheApplicationAborts) {
  ServingHarness server(
      [](FakeGateway&, Exchange& exchange) {
        protocol::ResponseHeadBuilder builder;
        builder.SetStatus("200 OK");
        exchange.response().SetHead(builder.head());
        const std::string_view piece = "half";
        exchange.response().Write({&piece, 1}, false);
        exchange.response().Abort();
      },
      Wire::kHttp);
  const std::string response = server.Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(response.ends_with("4\r\nhalf\r\n")) << "the last chunk must be missing";
}

TEST(ServingTest, AFileThatFindsNoDescriptorIsA503OrCut) {
  ServingHarness server(
      [](FakeGateway&, Exchange& exchange) {
        const UniqueFd file(::memfd_create("file", MFD_CLOEXEC));
        EXPECT_EQ(::ftruncate(file.get(), 100'000), 0);
        protocol::ResponseHeadBuilder builder;
        builder.SetStatus("200 OK");
        exchange.response().SetHead(builder.head());
        const std::string_view piece = "begun";
        if (exchange.request().path_info == "/begun") exchange.response().Write({&piece, 1}, false);
        const DescriptorLimit limit(0);
        exchange.response().WriteFile(file.get(), 0, 100'000);
      },
      Wire::kHttp);
  ::testing::internal::CaptureStderr();
  const std::string refused = server.Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string begun = server.Ask("GET /begun HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << refused;
  EXPECT_NE(refused.find("Retry-After: 1\r\n"), std::string::npos) << refused;
  EXPECT_NE(refused.find("Connection: close\r\n"), std::string::npos) << refused;
  EXPECT_TRUE(begun.ends_with("5\r\nbegun\r\n")) << "the last chunk must be missing";
  const std::string line =
      "error: a file of the application cannot be sent: Too many open files, see --max-fd\n";
  EXPECT_EQ(log, line);
}

TEST(ServingTest, AnswersForAnApplicationThatSaysNothing) {
  ServingHarness server([](FakeGateway&, Exchange&) {});
  EXPECT_TRUE(server.Ask(Packet({{"PATH_INFO", "/"}})).starts_with("HTTP/1.1 500 "));
}

TEST(ServingTest, CountsTheRequestsOfEachApplication) {
  ServingHarness server([](FakeGateway&, Exchange& exchange) {
    exchange.SetAppId(exchange.request().path_info == "/y" ? 1 : 0);
    if (exchange.request().path_info == "/y") exchange.CountException();
    Respond(exchange, "served");
  });
  for (const char* path : {"/x", "/y", "/x"}) server.Ask(Packet({{"PATH_INFO", path}}));
  WorkerCounters& counters = server.scoreboard().counters(1);
  EXPECT_EQ(counters.requests, 3U);
  EXPECT_EQ(counters.exceptions, 1U);
  EXPECT_EQ(counters.app(0).requests, 2U);
  EXPECT_EQ(counters.app(0).exceptions, 0U);
  EXPECT_EQ(counters.app(1).requests, 1U);
  EXPECT_EQ(counters.app(1).exceptions, 1U);
}

TEST(ServingTest, PromisesNoBodyWithAReset) {
  ServingHarness server(
      [](FakeGateway&, Exchange& exchange) {
        protocol::ResponseHeadBuilder builder;
        builder.SetStatus("205 Reset Content");
        builder.Add("Content-Length", "5");
        exchange.response().SetHead(builder.head());
        const std::string_view body = "12345";
        exchange.response().Write({&body, 1}, true);
      },
      Wire::kHttp);
  const std::string response = server.Ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(response.find("Content-Length: 0\r\n"), std::string::npos) << response;
  EXPECT_EQ(BodyOf(response), "");
}

TEST(ServingTest, HoldsTheApplicationToItsContentLength) {
  ServingHarness server(
      [](FakeGateway&, Exchange& exchange) {
        protocol::ResponseHeadBuilder builder;
        builder.SetStatus("200 OK");
        builder.Add("Content-Length", exchange.request().path_info == "/long" ? "3" : "9");
        exchange.response().SetHead(builder.head());
        const std::string_view body = "12345";
        exchange.response().Write({&body, 1}, true);
      },
      Wire::kHttp);
  EXPECT_EQ(BodyOf(server.Ask("GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")),
            "123");
  // Too short: closed, though the client would keep the connection.
  EXPECT_EQ(BodyOf(server.Ask("GET /short HTTP/1.1\r\nHost: a\r\n\r\n")), "12345");
}

TEST(ServingTest, HarakiriAnswers504AndSparesTheNeighbours) {
  HarnessOptions options;
  options.threads = 2;
  options.harakiri = 1s;
  std::atomic<bool> release{false};
  ServingHarness server(
      [&](FakeGateway& gateway, Exchange& exchange) {
        if (exchange.request().path_info == "/stuck") {
          gateway.Block([&] {
            while (!release) std::this_thread::sleep_for(1ms);
          });
        }
        Respond(exchange, "late");
      },
      Wire::kHttp, options);
  Client stuck = server.Connect();
  ASSERT_TRUE(stuck.Send("GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(BodyOf(server.Ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")), "late");
  EXPECT_TRUE(stuck.ReadAll().starts_with("HTTP/1.1 504 "));
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (server.gateway().dumps() == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(server.gateway().dumps(), 1);
  release = true;
}

TEST(ServingTest, ABusyWorkerPassesAKeptConnectionToAnIdleOne) {
  auto queue = os::MakeSocketPair();
  ASSERT_TRUE(queue.ok());
  const std::pair<int, int> ends{queue->first.get(), queue->second.get()};
  std::atomic<bool> computing{false};
  std::atomic<bool> served_elsewhere{false};
  ServingHarness busy(
      [&](FakeGateway&, Exchange& exchange) {
        if (exchange.request().path_info == "/compute") {  // With the execution right held.
          computing = true;
          const auto deadline = std::chrono::steady_clock::now() + 20s;
          while (!served_elsewhere && std::chrono::steady_clock::now() < deadline) {
          }
        }
        Respond(exchange, "busy");
      },
      Wire::kHttp, {}, ends);
  Client kept = busy.Connect();
  ASSERT_TRUE(kept.Send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"));
  kept.ReadUntil("busy");
  Client computer = busy.Connect();
  ASSERT_TRUE(computer.Send("GET /compute HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  while (!computing) std::this_thread::yield();

  ServingHarness idle([](FakeGateway&, Exchange& exchange) { Respond(exchange, "idle"); },
                      Wire::kHttp, {}, ends);
  ASSERT_TRUE(kept.Send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(kept.ReadUntil("idle").ends_with("idle"));
  served_elsewhere = true;
  EXPECT_EQ(BodyOf(computer.ReadAll()), "busy");
}

}  // namespace
}  // namespace uwsgi
