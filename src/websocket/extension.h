// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "websocket/handshake.h"

namespace uwsgi::websocket {

struct AgreedDeflate {
  Deflate deflate;
  std::string answer;  // The value of Sec-WebSocket-Extensions.
};

// The first offer of permessage-deflate in a client's Sec-WebSocket-Extensions that can be
// accepted; nothing if there is none. An offer with parameters that are unknown, repeated or
// malformed is passed over, as RFC 7692 wants.
std::optional<AgreedDeflate> AgreeOnDeflate(std::string_view offers);

}  // namespace uwsgi::websocket
