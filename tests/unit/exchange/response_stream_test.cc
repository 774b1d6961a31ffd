// SPDX-License-Identifier: MIT
//
// How a response is framed: by the version of the client's HTTP, by what the application says of
// its length, and by how it writes. And that clients may leave in the middle.

#include "exchange/response_stream.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "worker/serving_harness.h"

namespace uwsgi {
namespace {

using testing::FakeGateway;
using testing::HarnessOptions;

struct FramingCase {
  const char* name;
  std::string request;  // Without the end of the head.
  std::string status;
  std::string length;               // The application's own Content-Length, if it has one.
  std::vector<std::string> pieces;  // The last one is written as such.
  std::string fields;               // The response's, without Date and Content-Type.
  std::string body;                 // On the wire.
};

void PrintTo(const FramingCase& test_case, std::ostream* out) { *out << test_case.name; }

class FramingTest : public ::testing::TestWithParam<FramingCase> {};

void WriteAll(const FramingCase& response, Exchange& exchange) {
  protocol::ResponseHeadBuilder builder;
  builder.SetStatus(response.status);
  builder.Add("Date", "today");
  if (!response.length.empty()) builder.Add("Content-Length", response.length);
  exchange.response().SetHead(builder.head());
  for (std::size_t i = 0; i < response.pieces.size(); ++i) {
    const std::string_view piece = response.pieces[i];
    exchange.response().Write({&piece, 1}, i + 1 == response.pieces.size());
  }
}

TEST_P(FramingTest, IsAsExpected) {
  const FramingCase& expected = GetParam();
  const bool is_uwsgi = expected.request.empty();
  testing::ServingHarness server(
      [&](FakeGateway&, Exchange& exchange) { WriteAll(expected, exchange); },
      is_uwsgi ? Wire::kUwsgi : Wire::kHttp);
  testing::Client client = server.Connect();
  ASSERT_TRUE(client.Send(is_uwsgi ? testing::Packet({{"REQUEST_METHOD", "GET"}})
                                   : expected.request + "Host: a\r\n\r\n"));
  // A connection that would be kept ends here.
  client.EndInput();
  EXPECT_EQ(client.ReadAll(), "HTTP/1.1 " + expected.status + "\r\nDate: today\r\n" +
                                  expected.fields + "\r\n" + expected.body);
}

const std::string kGet = "GET / HTTP/1.1\r\n";
const std::string kHead = "HEAD / HTTP/1.1\r\n";
const std::string kClosing = "GET / HTTP/1.1\r\nConnection: close\r\n";
const std::string kOld = "GET / HTTP/1.0\r\n";
const std::string kOldKept = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n";
const std::string kClose = "Connection: close\r\n";
const std::string kKept = "Connection: keep-alive\r\n";
const std::string kChunked = "Transfer-Encoding: chunked\r\n";
const std::string kFive = "Content-Length: 5\r\n";

INSTANTIATE_TEST_SUITE_P(
    Cases, FramingTest,
    ::testing::Values(
        FramingCase{"known", kGet, "200 OK", "", {"12345"}, kFive, "12345"},
        FramingCase{"known_closing", kClosing, "200 OK", "", {"12345"}, kClose + kFive, "12345"},
        FramingCase{"empty", kGet, "200 OK", "", {""}, "Content-Length: 0\r\n", ""},
        FramingCase{"promised", kGet, "200 OK", "5", {"123", "45"}, kFive, "12345"},
        FramingCase{"promised_and_too_long", kGet, "200 OK", "5", {"123", "456"}, kFive, "12345"},
        FramingCase{"unknown",
                    kGet,
                    "200 OK",
                    "",
                    {"123", "45"},
                    kChunked,
                    "3\r\n123\r\n2\r\n45\r\n0\r\n\r\n"},
        FramingCase{"unknown_with_empty_pieces",
                    kGet,
                    "200 OK",
                    "",
                    {"", "123", "", ""},
                    kChunked,
                    "3\r\n123\r\n0\r\n\r\n"},
        FramingCase{"unknown_closing",
                    kClosing,
                    "200 OK",
                    "",
                    {"123", "45"},
                    kClose + kChunked,
                    "3\r\n123\r\n2\r\n45\r\n0\r\n\r\n"},
        FramingCase{"old", kOld, "200 OK", "", {"12345"}, kClose + kFive, "12345"},
        FramingCase{"old_kept", kOldKept, "200 OK", "", {"12345"}, kKept + kFive, "12345"},
        FramingCase{"old_unknown", kOldKept, "200 OK", "", {"123", "45"}, kClose, "12345"},
        FramingCase{"head", kHead, "200 OK", "", {"12345"}, kFive, ""},
        FramingCase{"head_promised", kHead, "200 OK", "5", {""}, kFive, ""},
        FramingCase{"head_unknown", kHead, "200 OK", "", {"123", "45"}, "", ""},
        FramingCase{"no_content", kGet, "204 No Content", "5", {"12345"}, "", ""},
        FramingCase{"not_modified", kGet, "304 Not Modified", "", {"12345"}, "", ""},
        FramingCase{"uwsgi", "", "200 OK", "", {"123", "45"}, "", "12345"},
        FramingCase{"uwsgi_promised", "", "200 OK", "5", {"123", "456"}, kFive, "12345"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ResponseStreamTest, AnswerOfAnApplicationThatDisconnectsSaysSo) {
  testing::ServingHarness server(
      [](FakeGateway&, Exchange& exchange) {
        protocol::ResponseHeadBuilder builder;
        builder.SetStatus("200 OK");
        builder.Add("Date", "today");
        builder.Add("Content-Length", "0");
        exchange.response().SetHead(builder.head());
        exchange.Disconnect();
      },
      Wire::kHttp);
  EXPECT_EQ(server.Ask(kGet + "Host: a\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nDate: today\r\n" + kClose + "Content-Length: 0\r\n\r\n");
}

// CVE-2022-31015 of another server.
TEST(ResponseStreamTest, SurvivesClientsThatLeaveAtAnyByte) {
  const std::string piece(64 * 1024, 'p');
  HarnessOptions options;
  options.threads = 2;
  testing::ServingHarness server(
      [&](FakeGateway& gateway, Exchange& exchange) {
        protocol::ResponseHeadBuilder builder;
        builder.SetStatus("200 OK");
        exchange.response().SetHead(builder.head());
        for (int i = 0; i < 8; ++i) {
          const std::string_view view = piece;
          exchange.response().Write({&view, 1}, i == 7);
          gateway.Block([] { std::this_thread::yield(); });
        }
      },
      Wire::kHttp, options);
  std::minstd_rand random(31015);
  for (int i = 0; i < 500; ++i) {
    testing::Client client = server.Connect();
    ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    client.Read(random() % 3 == 0 ? 0 : random() % (8 * piece.size()));
  }
  const std::string answer = server.Ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_GT(answer.size(), 8 * piece.size());
}

}  // namespace
}  // namespace uwsgi
