// SPDX-License-Identifier: MIT

#include "websocket/handshake.h"

#include <algorithm>

#include "base/ascii.h"
#include "protocol/scan.h"
#include "tls/digest.h"
#include "websocket/extension.h"

namespace uwsgi::websocket {
namespace {

constexpr std::string_view kVersion = "13";
// RFC 6455, section 1.3.
constexpr std::string_view kKeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string_view VarOf(const Request& request, std::string_view name) {
  std::string_view value;
  for (const Var& var : request.vars) {
    if (var.key == name) value = var.value;
  }
  return value;
}

std::string_view FirstOf(std::string_view list) {
  return protocol::TrimBlanks(list.substr(0, list.find(',')));
}

bool Lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    if (ToLower(FirstOf(list)) == word) return true;
    const std::size_t comma = list.find(',');
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

// The base64 of 16 bytes.
bool IsKey(std::string_view key) {
  constexpr std::size_t kDigits = 22;
  if (key.size() != kDigits + 2 || !key.ends_with("==")) return false;
  return std::ranges::all_of(key.substr(0, kDigits), [](char digit) {
    return IsAlphanumeric(digit) || digit == '+' || digit == '/';
  });
}

Handshake Refuse(int code, std::string_view why, std::string fields = {}) {
  return {code, why, std::move(fields), std::nullopt};
}

}  // namespace

std::string AcceptKey(std::string_view key) {
  return tls::Sha1Base64(std::string(key).append(kKeySuffix));
}

Handshake AnswerHandshake(const Request& request, const HandshakeChoice& choice, bool may_deflate) {
  const std::string_view key =
      choice.key.empty() ? VarOf(request, "HTTP_SEC_WEBSOCKET_KEY") : choice.key;
  if (request.method != "GET") return Refuse(400, "its method is not GET");
  if (request.protocol == "HTTP/1.0") return Refuse(400, "HTTP/1.0 has no websockets");
  if (!Lists(VarOf(request, "HTTP_UPGRADE"), "websocket")) {
    return Refuse(426, "it has no Upgrade: websocket", "Upgrade: websocket\r\n");
  }
  // A web server between has consumed it, and may not say so.
  if (request.wire == Wire::kHttp && !Lists(VarOf(request, "HTTP_CONNECTION"), "upgrade")) {
    return Refuse(400, "it has no Connection: Upgrade");
  }
  if (VarOf(request, "HTTP_SEC_WEBSOCKET_VERSION") != kVersion) {
    return Refuse(426, "its version of the protocol is not 13",
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  }
  if (!IsKey(key)) return Refuse(400, "its Sec-WebSocket-Key is not one");

  Handshake answer;
  answer.fields = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
  answer.fields += AcceptKey(key);
  const std::string_view protocol = FirstOf(
      choice.protocol.empty() ? VarOf(request, "HTTP_SEC_WEBSOCKET_PROTOCOL") : choice.protocol);
  if (!protocol.empty()) {
    if (!protocol::IsToken(protocol)) return Refuse(400, "its Sec-WebSocket-Protocol is not one");
    answer.fields.append("\r\nSec-WebSocket-Protocol: ").append(protocol);
  }
  if (may_deflate) {
    auto agreed = AgreeOnDeflate(VarOf(request, "HTTP_SEC_WEBSOCKET_EXTENSIONS"));
    if (agreed) {
      answer.deflate = agreed->deflate;
      answer.fields.append("\r\nSec-WebSocket-Extensions: ").append(agreed->answer);
    }
  }
  answer.fields += "\r\n";
  return answer;
}

}  // namespace uwsgi::websocket
