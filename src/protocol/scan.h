// SPDX-License-Identifier: MIT
//
// Byte classes that every text format here shares. Inline: these run over each byte
// of each request.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/ascii.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace uwsgi::protocol {

// CTL without TAB: what no HTTP line, header value or log field may hold.
constexpr bool IsControl(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && value != '\t') || value == 0x7f;
}

namespace internal {
inline constexpr std::array<bool, 256> kTokenBytes = [] {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char byte = static_cast<char>(i);
    table[i] = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || kMarks.find(byte) != std::string_view::npos;
  }
  return table;
}();

// Whether any of eight bytes could be a control character: also true for TAB.
inline bool MayHaveControl(const char* bytes) {
  constexpr std::uint64_t kOnes = ~std::uint64_t{0} / 255;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t del = word ^ (kOnes * 0x7f);
  const std::uint64_t low = (word - kOnes * 0x20) & ~word;
  return ((low | ((del - kOnes) & ~del)) & (kOnes * 0x80)) != 0;
}
}  // namespace internal

// The offset of the first control character at or after `from`; text.size() if there is none.
inline std::size_t FindControl(std::string_view text, std::size_t from = 0) {
  std::size_t at = from;
#ifdef __SSE2__
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  const __m128i top = _mm_set1_epi8(0x1f);
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i bytes =
        _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(text.data() + at)));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, top), bytes);
    const __m128i bad =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low), _mm_cmpeq_epi8(bytes, del));
    const int mask = _mm_movemask_epi8(bad);
    if (mask != 0) return at + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
#endif
  // The rest, eight bytes at a time; the last eight overlap those before.
  if (text.size() >= 8 && at < text.size()) {
    const std::size_t last = text.size() - 8;
    if ((at > last || !internal::MayHaveControl(text.data() + at)) &&
        !internal::MayHaveControl(text.data() + last)) {
      return text.size();
    }
  }
  while (at < text.size() && !IsControl(text[at])) ++at;
  return at;
}

inline bool HasControl(std::string_view text) { return FindControl(text) != text.size(); }

// The value of a hexadecimal digit, -1 for other bytes.
constexpr int HexValue(char byte) {
  if (IsDigit(byte)) return byte - '0';
  const char lower = ToLower(byte);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// RFC 9110 section 5.6.2: what methods and header names consist of.
constexpr bool IsTokenByte(char byte) {
  return internal::kTokenBytes[static_cast<unsigned char>(byte)];
}

// False for the empty string.
inline bool IsToken(std::string_view text) {
  for (const char byte : text) {
    if (!IsTokenByte(byte)) return false;
  }
  return !text.empty();
}

// `lower` must be in lower case.
inline bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (ToLower(text[i]) != lower[i]) return false;
  }
  return true;
}

// Without the spaces and tabs at both ends (OWS).
inline std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the next element off a comma-separated list, trimmed; empty elements are passed over.
// False at the end of the list.
inline bool NextListElement(std::string_view& list, std::string_view& element) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    element = TrimBlanks(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (!element.empty()) return true;
  }
  return false;
}

}  // namespace uwsgi::protocol
