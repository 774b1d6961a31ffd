// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <string>

namespace uwsgi::protocol {

// Appends the number in decimal.
template <std::integral Number>
void AppendNumber(Number number, std::string& out) {
  std::array<char, 20> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace uwsgi::protocol
