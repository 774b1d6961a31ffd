// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string_view>

namespace uwsgi::websocket {

// Checks that a text, which comes in pieces, is UTF-8 (RFC 3629): the shortest forms only, no
// surrogates, nothing beyond U+10FFFF.
class Utf8Check {
 public:
  void Reset() { *this = {}; }
  // False as soon as no further bytes can make it UTF-8.
  bool Feed(std::string_view bytes);
  // No character is cut short.
  bool is_complete() const { return missing_ == 0; }

 private:
  bool Begin(std::uint8_t byte);

  int missing_ = 0;            // Bytes of the present character that are still to come,
  std::uint8_t least_ = 0x80;  // and the bounds of the next.
  std::uint8_t most_ = 0xBF;
};

}  // namespace uwsgi::websocket
