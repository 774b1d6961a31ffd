// SPDX-License-Identifier: MIT
//
// Why a websocket ends: RFC 6455, section 7.4, and the registry that it founds.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace uwsgi::websocket {

enum CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kNoCode = 1005,  // Never on the wire: a close frame without one.
  kLost = 1006,    // Never on the wire: the connection ended without a close frame.
  kBadText = 1007,
  kTooBig = 1009,
  kInternalError = 1011,
};

// A close frame may carry it.
constexpr bool IsSendable(std::uint16_t code) {
  const bool is_defined =
      code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  return is_defined || (code >= 3000 && code <= 4999);
}

// The payload of a close frame; empty for kNoCode.
inline std::string ClosePayload(std::uint16_t code, std::string_view reason = {}) {
  if (!IsSendable(code)) return {};
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  return payload.append(reason);
}

}  // namespace uwsgi::websocket
