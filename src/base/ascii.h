// SPDX-License-Identifier: MIT
//
// Letters as protocols and configuration know them: those of ASCII, whatever the locale. The
// functions of <cctype> follow the locale, which is the application's.

#pragma once

#include <string>
#include <string_view>

namespace uwsgi {

constexpr bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

constexpr bool IsAlpha(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

constexpr bool IsAlphanumeric(char byte) { return IsDigit(byte) || IsAlpha(byte); }

constexpr char ToLower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

constexpr char ToUpper(char byte) {
  return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - ('a' - 'A')) : byte;
}

inline std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& byte : lower) byte = ToLower(byte);
  return lower;
}

}  // namespace uwsgi
