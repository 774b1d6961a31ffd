// SPDX-License-Identifier: MIT
//
// Bodies as they come over a connection, and what the application and the client learn of those
// that are not right.

#include "exchange/body_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>

#include "worker/serving_harness.h"

namespace uwsgi {
namespace {

using testing::FakeGateway;
using testing::HarnessOptions;

struct BodyCase {
  const char* name;
  std::string fields;   // Of the head.
  std::string sent;     // After the head, and then the end of input.
  std::string outcome;  // What the application read, or why the server refused.
};

void PrintTo(const BodyCase& test_case, std::ostream* out) { *out << test_case.name; }

class BodyStreamTest : public ::testing::TestWithParam<BodyCase> {};

// Answers with what was read, and how reading ended.
void Tell(FakeGateway&, Exchange& exchange) {
  std::string told;
  std::array<char, 100> piece;
  for (;;) {
    const ReadOutcome outcome = exchange.body().Read(piece);
    told.append(piece.data(), outcome.bytes);
    if (outcome.status == ReadStatus::kTruncated) told += " truncated";
    if (outcome.status != ReadStatus::kOk || outcome.bytes == 0) break;
  }
  testing::Respond(exchange, told);
}

// Large bodies stream, as all of them come fast: the application has been called when their end is
// read.
TEST_P(BodyStreamTest, EndsAsItShould) {
  const BodyCase& expected = GetParam();
  HarnessOptions options;
  options.limit_post.bytes = 1000;
  options.body_buffer.bytes = 100;
  options.threads = 2;
  testing::ServingHarness server(Tell, Wire::kHttp, options);
  testing::Client client = server.Connect();
  ASSERT_TRUE(client.Send("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + expected.fields +
                          "\r\n" + expected.sent));
  client.EndInput();
  const std::string answer = client.ReadAll();
  const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
  const bool is_refusal = expected.outcome.starts_with("HTTP/1.1 ");
  EXPECT_EQ(is_refusal ? answer.substr(0, expected.outcome.size()) : body, expected.outcome);
}

const std::string kChunked = "Transfer-Encoding: chunked\r\n";
const std::string kMany(900, 'b');

INSTANTIATE_TEST_SUITE_P(
    Cases, BodyStreamTest,
    ::testing::Values(
        BodyCase{"length", "Content-Length: 5\r\n", "12345", "12345"},
        BodyCase{"length_cut", "Content-Length: 5\r\n", "1234", "1234 truncated"},
        BodyCase{"length_none", "Content-Length: 5\r\n", "", " truncated"},
        BodyCase{"length_streams", "Content-Length: 900\r\n", kMany, kMany},
        BodyCase{"length_streams_cut", "Content-Length: 901\r\n", kMany, kMany + " truncated"},
        BodyCase{"length_over_limit", "Content-Length: 1001\r\n", "", "HTTP/1.1 413 "},
        BodyCase{"chunked", kChunked, "3\r\n123\r\n2\r\n45\r\n0\r\n\r\n", "12345"},
        BodyCase{"chunked_cut_in_a_size", kChunked, "3\r\n123\r\n2", "123 truncated"},
        BodyCase{"chunked_cut_in_a_chunk", kChunked, "3\r\n12", "12 truncated"},
        BodyCase{"chunked_cut_before_the_last", kChunked, "3\r\n123\r\n", "123 truncated"},
        BodyCase{"chunked_cut_before_the_end", kChunked, "3\r\n123\r\n0\r\n", "123 truncated"},
        BodyCase{"chunked_malformed", kChunked, "3\r\n123\r\nx", "HTTP/1.1 400 "},
        BodyCase{"chunked_malformed_at_once", kChunked, "-1\r\n", "HTTP/1.1 400 "},
        BodyCase{"chunked_streams", kChunked, "384\r\n" + kMany + "\r\n0\r\n\r\n", kMany},
        BodyCase{"chunked_over_limit", kChunked, "3e9\r\n" + std::string(1001, 'b'),
                 "HTTP/1.1 413 "}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(BodyStreamLoanTest, TheNextRequestLosesNoTimeByTheWaitsBeforeALoan) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
  PeerSocket socket;
  socket.Open(UniqueFd(ends[0]));
  const UniqueFd client(ends[1]);
  FakeGateway gateway([](FakeGateway&, Exchange&) {});
  SpoolRoom no_room(0);
  const std::atomic<bool> threads_wanted = false;
  BodyLimits limits;
  limits.memory = 10;
  limits.room = &no_room;
  limits.threads_wanted = &threads_wanted;
  GatewayWaiter waiter(gateway);
  BodyStream body(waiter, limits);
  ReadBuffer input;
  body.Begin(socket, input, 1000, false, std::chrono::seconds(10));
  EXPECT_EQ(body.Prefetch(false), BodyStream::Prefetched::kMore);
  ASSERT_EQ(::write(client.get(), kMany.data(), kMany.size()), static_cast<ssize_t>(kMany.size()));
  EXPECT_EQ(body.Prefetch(false), BodyStream::Prefetched::kStreaming);
  body.Begin(socket, input, 0, false, std::chrono::seconds(10));
  EXPECT_EQ(body.time_lent_ns(), 0);
}

}  // namespace
}  // namespace uwsgi
