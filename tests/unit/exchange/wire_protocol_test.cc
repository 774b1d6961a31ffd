// SPDX-License-Identifier: MIT

#include "exchange/wire_protocol.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "worker/serving_harness.h"

namespace uwsgi {
namespace {

// Of a connection on which these bytes come.
struct Outcome {
  HeadReader::Status status;
  std::size_t head_size;
  bool keep_alive;
  bool expects_continue;
  std::string_view ping_answer;
};

Outcome ReadOn(Wire wire, std::string_view bytes) {
  static NotedNames noted;
  static const DroppedHeaders dropped({}, noted);
  const RequestOptions options;
  const std::string hostname = "host";
  const PeerAddress peer;
  Listener listener;
  listener.wire = wire;
  const auto reader = ProtocolOf(wire).MakeHeadReader({options, hostname, dropped});
  reader->Begin(listener, peer);
  Request request;
  const HeadReader::Status status = reader->Read(bytes, request);
  return {status, reader->head_size(), reader->keep_alive(), reader->expects_continue(),
          reader->ping_answer()};
}

TEST(WireProtocolTest, EachIsTheOneThatConfigurationNames) {
  for (const Wire wire : {Wire::kUwsgi, Wire::kHttp}) {
    EXPECT_EQ(ProtocolOf(wire).traits().wire, wire);
    EXPECT_LT(static_cast<std::size_t>(wire), kWireCount);
  }
}

TEST(WireProtocolTest, OnlyHttpMeetsClientsThemselves) {
  EXPECT_FALSE(ProtocolOf(Wire::kUwsgi).traits().takes_proxy_header);
  EXPECT_FALSE(ProtocolOf(Wire::kUwsgi).traits().compresses);
  EXPECT_FALSE(ProtocolOf(Wire::kUwsgi).traits().peer_may_send_more);
  EXPECT_TRUE(ProtocolOf(Wire::kHttp).traits().takes_proxy_header);
  EXPECT_TRUE(ProtocolOf(Wire::kHttp).traits().compresses);
  EXPECT_TRUE(ProtocolOf(Wire::kHttp).traits().peer_may_send_more);
}

TEST(WireProtocolTest, OnlyHttpIsKeptAliveAndWaitsForAContinue) {
  const std::string post =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n";
  const Outcome http = ReadOn(Wire::kHttp, post);
  EXPECT_EQ(http.status, HeadReader::Status::kDone);
  EXPECT_EQ(http.head_size, post.size());
  EXPECT_TRUE(http.keep_alive);
  EXPECT_TRUE(http.expects_continue);
  EXPECT_EQ(http.ping_answer, "");

  const std::string get = testing::Packet({{"REQUEST_METHOD", "GET"}});
  const Outcome packet = ReadOn(Wire::kUwsgi, get);
  EXPECT_EQ(packet.status, HeadReader::Status::kDone);
  EXPECT_EQ(packet.head_size, get.size());
  EXPECT_FALSE(packet.keep_alive);
  EXPECT_FALSE(packet.expects_continue);
  EXPECT_EQ(packet.ping_answer, "");
}

}  // namespace
}  // namespace uwsgi
