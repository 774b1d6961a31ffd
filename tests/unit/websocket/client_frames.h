// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "websocket/frame.h"

namespace uwsgi::websocket {

struct ClientFrame {
  Opcode opcode = Opcode::kText;
  std::string_view payload;
  bool is_final = true;
  unsigned reserved = 0;  // The bits RSV1 to RSV3 where they stand.
  bool is_masked = true;
};

// The bytes of a frame as a client sends it, with the mask of RFC 6455, section 5.7.
inline std::string ClientBytes(const ClientFrame& frame) {
  const EncodedHeader header(frame.opcode, false, frame.payload.size());
  std::string bytes(header.bytes());
  unsigned first = static_cast<unsigned>(frame.opcode) | frame.reserved;
  if (frame.is_final) first |= 0x80U;
  bytes[0] = static_cast<char>(first);
  if (!frame.is_masked) return bytes.append(frame.payload);
  constexpr std::array<std::uint8_t, 4> kMask = {0x37, 0xfa, 0x21, 0x3d};
  bytes[1] = static_cast<char>(static_cast<unsigned char>(bytes[1]) | 0x80U);
  for (const std::uint8_t byte : kMask) bytes += static_cast<char>(byte);
  const std::size_t before = bytes.size();
  bytes.append(frame.payload);
  Unmask(bytes.data() + before, frame.payload.size(), kMask, 0);
  return bytes;
}

}  // namespace uwsgi::websocket
