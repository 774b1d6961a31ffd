// SPDX-License-Identifier: MIT
//
// The frame of RFC 6455, section 5.2:
//
//   byte 0    FIN, RSV1 (permessage-deflate: the message is compressed), RSV2, RSV3, opcode:4
//   byte 1    MASK, length:7; 126: the length is in the next 2 bytes, 127: in the next 8
//   4 bytes   the mask, of frames that a client sends
//   payload   each byte of a client's: exclusive or with the mask's, in turn

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace uwsgi::websocket {

enum class Opcode : std::uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

inline bool IsControl(Opcode opcode) { return (static_cast<unsigned>(opcode) & 0x8U) != 0; }

// What a control frame may carry.
inline constexpr std::size_t kControlLimit = 125;
// The longest header: of a client's frame with a length of 8 bytes.
inline constexpr std::size_t kHeaderLimit = 14;

struct FrameHeader {
  bool is_final = true;
  bool is_compressed = false;  // RSV1
  bool has_reserved = false;   // RSV2 or RSV3
  Opcode opcode{};             // May be none of those above.
  bool is_masked = false;
  bool is_shortest = true;  // The length takes no more bytes than it needs.
  std::uint64_t size = 0;   // Of the payload. Beyond 2^63 - 1 it is malformed.
  std::array<std::uint8_t, 4> mask{};
  std::size_t header_size = 0;  // Bytes up to the payload.
};

// The header at the front of `bytes`; nothing while it is incomplete.
std::optional<FrameHeader> ParseFrameHeader(std::string_view bytes);

// The header of an unmasked frame, as a server sends it.
class EncodedHeader {
 public:
  EncodedHeader(Opcode opcode, bool is_compressed, std::uint64_t size);
  std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 10> bytes_{};
  std::size_t size_ = 2;
};

// Exclusive or of `bytes` with the mask, from byte `offset` of the payload on.
void Unmask(char* bytes, std::size_t size, const std::array<std::uint8_t, 4>& mask,
            std::uint64_t offset);

}  // namespace uwsgi::websocket
