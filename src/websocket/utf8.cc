// SPDX-License-Identifier: MIT

#include "websocket/utf8.h"

#include <cstring>

namespace uwsgi::websocket {

// The table of RFC 3629, section 4.
bool Utf8Check::Begin(std::uint8_t byte) {
  least_ = 0x80;
  most_ = 0xBF;
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  if (byte < 0xE0) {
    missing_ = 1;
  } else if (byte < 0xF0) {
    missing_ = 2;
    if (byte == 0xE0) least_ = 0xA0;
    if (byte == 0xED) most_ = 0x9F;
  } else {
    missing_ = 3;
    if (byte == 0xF0) least_ = 0x90;
    if (byte == 0xF4) most_ = 0x8F;
  }
  return true;
}

bool Utf8Check::Feed(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    if (missing_ == 0 && bytes.size() >= sizeof(word)) {
      std::memcpy(&word, bytes.data(), sizeof(word));
      if ((word & kHighBits) == 0) {  // Eight of ASCII.
        bytes.remove_prefix(sizeof(word));
        continue;
      }
    }
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (missing_ == 0) {
      if (!Begin(byte)) return false;
      continue;
    }
    if (byte < least_ || byte > most_) return false;
    --missing_;
    least_ = 0x80;
    most_ = 0xBF;
  }
  return true;
}

}  // namespace uwsgi::websocket
