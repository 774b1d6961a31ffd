// SPDX-License-Identifier: MIT

#include "exchange/active_exchange.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "exchange/output_fixture.h"
#include "websocket/options.h"

namespace uwsgi {
namespace {

// Has two exchanges at a time, and notes what becomes of them.
class FakeCarrier final : public ExchangeCarrier {
 public:
  void Start(ActiveExchange&, int core) override { cores.push_back(core); }
  std::int64_t Conclude(ActiveExchange&) override { return 7; }
  bool PassOn(ActiveExchange&, ConnectionHandoff&) override { return false; }
  void Finish(ActiveExchange& exchange) override { finished.push_back(&exchange); }
  void Attend(ActiveExchange& exchange) override { attended.push_back(&exchange); }
  const WebSocketOptions& websocket_options() const override { return websockets; }
  void Return(ActiveExchange& exchange) override { returned.push_back(&exchange); }

  WebSocketOptions websockets;
  std::vector<ActiveExchange*> attended;
  std::vector<int> cores;
  std::vector<ActiveExchange*> returned;
  std::vector<ActiveExchange*> finished;
};

class ActiveExchangeTest : public testing::OutputFixture {
 protected:
  void Begin(ActiveExchange& exchange) {
    exchange.Begin(carrier_, socket_);
    exchange.BeginHead(ProtocolOf(Wire::kUwsgi), listener_, peer_);
    ResponseContext context;
    context.socket = &socket_;
    context.body = &exchange.body_stream;
    context.wire = &ProtocolOf(Wire::kUwsgi);
    context.spool_limits = &spool_limits_;
    context.held = &held_;
    exchange.response_stream.Begin(context);
  }
  static void Respond(ActiveExchange& exchange, std::string_view body) {
    ResponseHead head;
    head.status = "200 OK";
    head.code = 200;
    exchange.response().SetHead(head);
    exchange.response().Write({&body, 1}, true);
    exchange.response_stream.End();
  }

  const RequestOptions options_{};
  const std::string hostname_ = "host";
  NotedNames noted_;
  const DroppedHeaders dropped_headers_{{}, noted_};
  const BodyLimits limits_{};
  const Listener listener_{};
  const PeerAddress peer_{};
  FakeCarrier carrier_;
  ActiveExchange first_{waiter_, {options_, hostname_, dropped_headers_}, limits_};
  ActiveExchange second_{waiter_, {options_, hostname_, dropped_headers_}, limits_};
};

TEST_F(ActiveExchangeTest, ACarrierMayHaveSeveral) {
  Begin(first_);
  Begin(second_);
  Respond(second_, "second");
  Respond(first_, "first");
  EXPECT_EQ(Received(), "HTTP/1.1 200 OK\r\n\r\nsecondHTTP/1.1 200 OK\r\n\r\nfirst");
  second_.Finish();
  first_.Finish();
  EXPECT_EQ(carrier_.finished, (std::vector<ActiveExchange*>{&second_, &first_}));
}

TEST_F(ActiveExchangeTest, ItsStepsAreTheCarriers) {
  Begin(first_);
  first_.Start(3);
  EXPECT_EQ(carrier_.cores, std::vector<int>{3});
  EXPECT_EQ(first_.Conclude(), 7);
  first_.Return();
  EXPECT_EQ(carrier_.returned, std::vector<ActiveExchange*>{&first_});
}

TEST_F(ActiveExchangeTest, NothingIsLeftOfTheRequestBefore) {
  Begin(first_);
  first_.SetLogVar("name", "value");
  first_.SetLogVar("name", "other");
  EXPECT_EQ(first_.LogVar("name"), "other");
  first_.ForceLog();
  first_.CountException();
  first_.parsed.vars.push_back({"KEY", "value"});
  Respond(first_, "first");
  Begin(first_);
  EXPECT_EQ(first_.LogVar("name"), "");
  EXPECT_FALSE(first_.force_log);
  EXPECT_EQ(first_.exceptions, 0);
  EXPECT_TRUE(first_.request().vars.empty());
  EXPECT_FALSE(first_.response().head_sent());
  EXPECT_EQ(first_.response_stream.code(), 500);
}

TEST_F(ActiveExchangeTest, KnowsItsClient) {
  Begin(first_);
  EXPECT_EQ(first_.connection_fd(), socket_.fd());
  EXPECT_TRUE(first_.IsConnected());
  first_.Disconnect();
  char byte = 0;
  EXPECT_EQ(::recv(client_.get(), &byte, 1, MSG_DONTWAIT), 0);
}

}  // namespace
}  // namespace uwsgi
