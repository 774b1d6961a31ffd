// SPDX-License-Identifier: MIT

#include "exchange/head_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "exchange/http_wire.h"
#include "exchange/uwsgi_wire.h"
#include "protocol/uwsgi_packet.h"

namespace uwsgi {
namespace {

const DroppedHeaders& NoDroppedHeaders() {
  static NotedNames noted;
  static const DroppedHeaders headers({}, noted);
  return headers;
}

// The value of a variable in a request from this address, or "absent".
std::string VariableFrom(const PeerAddress& peer, std::string_view variable) {
  const RequestOptions options;
  const std::string hostname = "host";
  HttpHeadReader reader({options, hostname, NoDroppedHeaders()});
  Listener listener;
  listener.wire = Wire::kHttp;
  reader.Begin(listener, peer);
  Request request;
  const std::string head =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n\r\n";
  EXPECT_EQ(reader.Read(head, request), HeadReader::Status::kDone);
  if (variable == "scheme") return std::string(request.scheme);
  const auto found = std::find_if(request.vars.begin(), request.vars.end(),
                                  [&](const Var& var) { return var.key == variable; });
  return found == request.vars.end() ? "absent" : std::string(found->value);
}

TEST(HeadReaderTest, BelievesForwardedHeadersOfTrustedProxies) {
  EXPECT_EQ(VariableFrom({.is_trusted = true}, "HTTP_X_FORWARDED_FOR"), "9.9.9.9");
  EXPECT_EQ(VariableFrom({.is_trusted = true}, "scheme"), "https");
}

TEST(HeadReaderTest, RemovesForwardedHeadersOfOthers) {
  EXPECT_EQ(VariableFrom({.is_trusted = false}, "HTTP_X_FORWARDED_FOR"), "absent");
  EXPECT_EQ(VariableFrom({.is_trusted = false}, "scheme"), "http");
}

struct Refusal {
  std::string bytes;
  int status;
  std::string reason;  // A part of it.
  Wire answer_wire;
};

TEST(HeadReaderTest, RefusesWhatIsNoRequestAsSoonAsFourBytesTell) {
  const std::vector<Refusal> cases = {
      {"GET ", 400, "HTTP request on uwsgi socket", Wire::kHttp},
      {"PROP", 400, "HTTP request on uwsgi socket", Wire::kHttp},
      {"dele", 400, "HTTP request on uwsgi socket", Wire::kHttp},
      {"get ", 400, "HTTP request on uwsgi socket", Wire::kHttp},
      {"\r\nGE", 400, "HTTP request on uwsgi socket", Wire::kHttp},
      {"PROX", 400, "PROXY header on uwsgi socket", Wire::kHttp},
      {"\x16\x03\x01\x02", 400, "TLS hello on uwsgi socket", Wire::kHttp},
      {std::string("\x05\x40\0\0", 4), 501, "unavailable modifier requested: 5 ", Wire::kUwsgi},
      {"\xff\xff\xff\xff", 501, "unavailable modifier requested: 255 ", Wire::kUwsgi},
  };
  const RequestOptions options;
  const std::string hostname = "host";
  const PeerAddress peer;
  Listener listener;
  listener.wire = Wire::kUwsgi;
  for (const Refusal& expected : cases) {
    SCOPED_TRACE(expected.bytes);
    UwsgiHeadReader reader({options, hostname, NoDroppedHeaders()});
    reader.Begin(listener, peer);
    Request request;
    EXPECT_EQ(reader.Read(expected.bytes.substr(0, 3), request), HeadReader::Status::kNeedMore);
    ASSERT_EQ(reader.Read(expected.bytes, request), HeadReader::Status::kRefused);
    EXPECT_EQ(reader.refusal(), expected.status);
    EXPECT_NE(reader.reason().find(expected.reason), std::string::npos) << reader.reason();
    EXPECT_EQ(reader.answer_wire(), expected.answer_wire);
  }
}

TEST(HeadReaderTest, ReadsAPingWithItsBlockWhateverThatSays) {
  const RequestOptions options;
  const std::string hostname = "host";
  const PeerAddress peer;
  Listener listener;
  listener.wire = Wire::kUwsgi;
  UwsgiHeadReader reader({options, hostname, NoDroppedHeaders()});
  reader.Begin(listener, peer);
  const std::string sent("\x64\x03\0\x05xyz", 7);
  Request request;
  EXPECT_EQ(reader.Read(sent.substr(0, 6), request), HeadReader::Status::kNeedMore);
  ASSERT_EQ(reader.Read(sent, request), HeadReader::Status::kDone);
  EXPECT_EQ(reader.head_size(), 7U);
  EXPECT_EQ(request.modifier1, protocol::kPing);
  EXPECT_EQ(request.modifier2, 5);
  EXPECT_EQ(request.content_length, 0U);
  EXPECT_EQ(reader.ping_answer(), protocol::kPong);
}

TEST(HeadReaderTest, NamesTheOptionThatALargeHeadExceeds) {
  struct Case {
    Wire wire;
    std::string bytes;
    std::string option;
  };
  RequestOptions options;
  options.buffer_size.bytes = 100;
  options.max_vars = 2;
  const std::string line = "GET / HTTP/1.1\r\n";
  const std::string vars("\0\x0f\0\0\1\0A\0\0\1\0B\0\0\1\0C\0\0", 19);
  const std::vector<Case> cases = {
      {Wire::kHttp, "GET /" + std::string(200, 'x'), "--buffer-size"},
      {Wire::kHttp, line + "A: " + std::string(200, 'x'), "--buffer-size"},
      {Wire::kHttp, line + "Host: a\r\nA: b\r\nB: c\r\n\r\n", "--max-vars"},
      {Wire::kUwsgi, std::string("\0\0\1\0", 4), "--buffer-size"},
      {Wire::kUwsgi, vars, "--max-vars"},
  };
  const std::string hostname = "host";
  const PeerAddress peer;
  for (const Case& each : cases) {
    SCOPED_TRACE(each.bytes);
    Listener listener;
    listener.wire = each.wire;
    const auto reader =
        ProtocolOf(each.wire).MakeHeadReader({options, hostname, NoDroppedHeaders()});
    reader->Begin(listener, peer);
    Request request;
    ASSERT_EQ(reader->Read(each.bytes, request), HeadReader::Status::kRefused);
    EXPECT_NE(reader->reason().find("see " + each.option), std::string::npos) << reader->reason();
  }
}

}  // namespace
}  // namespace uwsgi
