// SPDX-License-Identifier: MIT
//
// The opening handshake, as a server answers it: RFC 6455, section 4.2, and for the extension RFC
// 7692, section 7.1.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "uwsgi/request.h"

namespace uwsgi::websocket {

// permessage-deflate as it was agreed on. Neither side keeps context between messages.
struct Deflate {
  int window_bits = 15;  // Of what the server compresses, 9 to 15.
};

struct Handshake {
  // 101; otherwise the answer that the request deserves, and `refusal` says why.
  int code = 101;
  std::string_view refusal;
  // Whole header lines of the response: of the 101, or of the refusal.
  std::string fields;
  std::optional<Deflate> deflate;
};

// What the application may say instead of the request; empty: as the request has it.
struct HandshakeChoice {
  std::string_view key;
  std::string_view protocol;  // A list stands for its first item.
};

// Answers `request`. `may_deflate`: the extension is accepted where the client offers it.
Handshake AnswerHandshake(const Request& request, const HandshakeChoice& choice, bool may_deflate);

// Sec-WebSocket-Accept for a key.
std::string AcceptKey(std::string_view key);

}  // namespace uwsgi::websocket
