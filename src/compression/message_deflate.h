// SPDX-License-Identifier: MIT
//
// Messages as permessage-deflate sends them (RFC 7692, section 7.2): raw deflate, without the empty
// block at its end. Each message stands alone, so that nothing is kept between two.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace uwsgi::compression {

// Looks back 2^bits bytes at most, 9 to 15. False when there is no memory.
bool DeflateMessage(std::string_view message, int window_bits, std::string& out);

enum class Inflated {
  kOk,
  kMalformed,
  kTooLarge,  // More than `limit` bytes; `out` has no more than these.
  kNoMemory,
};
Inflated InflateMessage(std::string_view compressed, std::size_t limit, std::string& out);

}  // namespace uwsgi::compression
