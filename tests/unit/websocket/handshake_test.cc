// SPDX-License-Identifier: MIT

#include "websocket/handshake.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace uwsgi::websocket {
namespace {

// The example of RFC 6455, section 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

Request Upgrading(std::vector<Var> more = {}) {
  Request request;
  request.method = "GET";
  request.protocol = "HTTP/1.1";
  request.wire = Wire::kHttp;
  request.vars = {{"HTTP_UPGRADE", "websocket"},
                  {"HTTP_CONNECTION", "keep-alive, Upgrade"},
                  {"HTTP_SEC_WEBSOCKET_VERSION", "13"},
                  {"HTTP_SEC_WEBSOCKET_KEY", kKey}};
  request.vars.insert(request.vars.end(), more.begin(), more.end());
  return request;
}

TEST(HandshakeTest, AnswersTheExampleOfTheStandard) {
  const Handshake answer = AnswerHandshake(Upgrading(), {}, false);
  EXPECT_EQ(answer.code, 101);
  EXPECT_EQ(answer.fields,
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
}

TEST(HandshakeTest, TakesTheFirstProtocolOfTheRequestOrTheApplications) {
  const Request request = Upgrading({{"HTTP_SEC_WEBSOCKET_PROTOCOL", "chat, superchat"}});
  EXPECT_NE(AnswerHandshake(request, {}, false).fields.find("Sec-WebSocket-Protocol: chat\r\n"),
            std::string::npos);
  EXPECT_NE(AnswerHandshake(request, {.key = {}, .protocol = "superchat"}, false)
                .fields.find("Sec-WebSocket-Protocol: superchat\r\n"),
            std::string::npos);
  EXPECT_EQ(AnswerHandshake(request, {.key = {}, .protocol = "a b\r\nX: y"}, false).code, 400);
}

TEST(HandshakeTest, TakesTheApplicationsKey) {
  EXPECT_NE(AnswerHandshake(Upgrading(), {.key = "AAAAAAAAAAAAAAAAAAAAAA==", .protocol = {}}, false)
                .fields.find(AcceptKey("AAAAAAAAAAAAAAAAAAAAAA==")),
            std::string::npos);
  EXPECT_EQ(AnswerHandshake(Upgrading(), {.key = "short", .protocol = {}}, false).code, 400);
}

TEST(HandshakeTest, RefusesWhatIsNone) {
  const auto code_with = [](std::string_view key, std::string_view value) {
    Request request = Upgrading();
    for (Var& var : request.vars) {
      if (var.key == key) var.value = value;
    }
    return AnswerHandshake(request, {}, false).code;
  };
  EXPECT_EQ(code_with("HTTP_UPGRADE", "h2c"), 426);
  EXPECT_EQ(code_with("HTTP_UPGRADE", "WebSocket"), 101);
  EXPECT_EQ(code_with("HTTP_CONNECTION", "close"), 400);
  EXPECT_EQ(code_with("HTTP_SEC_WEBSOCKET_VERSION", "8"), 426);
  EXPECT_EQ(code_with("HTTP_SEC_WEBSOCKET_VERSION", ""), 426);
  EXPECT_EQ(code_with("HTTP_SEC_WEBSOCKET_KEY", "dGhlIHNhbXBsZSBub25jZQ"), 400);
  EXPECT_EQ(code_with("HTTP_SEC_WEBSOCKET_KEY", ""), 400);
  Request post = Upgrading();
  post.method = "POST";
  EXPECT_EQ(AnswerHandshake(post, {}, false).code, 400);
  Request old = Upgrading();
  old.protocol = "HTTP/1.0";
  EXPECT_EQ(AnswerHandshake(old, {}, false).code, 400);
}

TEST(HandshakeTest, NeedsNoConnectionFieldOfAWebServer) {
  Request request = Upgrading();
  request.wire = Wire::kUwsgi;
  std::erase_if(request.vars, [](const Var& var) { return var.key == "HTTP_CONNECTION"; });
  EXPECT_EQ(AnswerHandshake(request, {}, false).code, 101);
}

TEST(HandshakeTest, NamesTheVersionThatItWants) {
  Request request = Upgrading({{"HTTP_SEC_WEBSOCKET_VERSION", "8"}});
  EXPECT_NE(AnswerHandshake(request, {}, false).fields.find("Sec-WebSocket-Version: 13\r\n"),
            std::string::npos);
}

std::string ExtensionFor(std::string_view offers, bool may_deflate = true) {
  const Handshake answer =
      AnswerHandshake(Upgrading({{"HTTP_SEC_WEBSOCKET_EXTENSIONS", offers}}), {}, may_deflate);
  EXPECT_EQ(answer.code, 101);
  constexpr std::string_view kName = "Sec-WebSocket-Extensions: ";
  const std::size_t begin = answer.fields.find(kName);
  EXPECT_EQ(begin != std::string::npos, answer.deflate.has_value());
  if (begin == std::string::npos) return {};
  const std::size_t value = begin + kName.size();
  return answer.fields.substr(value, answer.fields.find("\r\n", value) - value);
}

TEST(HandshakeTest, AgreesOnDeflateWithoutContext) {
  const std::string plain =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  EXPECT_EQ(ExtensionFor("permessage-deflate"), plain);
  EXPECT_EQ(ExtensionFor("permessage-deflate; client_max_window_bits"), plain);
  EXPECT_EQ(ExtensionFor("x-webkit-deflate-frame, Permessage-Deflate;client_max_window_bits=9"),
            plain);
  EXPECT_EQ(ExtensionFor("permessage-deflate; server_max_window_bits=\"10\""),
            plain + "; server_max_window_bits=10");
  EXPECT_EQ(ExtensionFor("permessage-deflate", false), "");
}

TEST(HandshakeTest, PassesOverOffersThatItCannotAccept) {
  for (const char* parameter :
       {"unknown", "server_max_window_bits", "server_max_window_bits=8",
        "server_max_window_bits=16", "server_max_window_bits=010", "client_max_window_bits=7",
        "client_max_window_bits=x", "server_no_context_takeover=1",
        "client_max_window_bits; client_max_window_bits"}) {
    const std::string offer = std::string("permessage-deflate; ") + parameter;
    EXPECT_EQ(ExtensionFor(offer), "") << offer;
    EXPECT_NE(ExtensionFor(offer + ", permessage-deflate"), "") << offer;
  }
}

}  // namespace
}  // namespace uwsgi::websocket
