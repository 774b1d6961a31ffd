// SPDX-License-Identifier: MIT
//
// Small pure functions of text that all of options/ and config/ needs. ASCII only, whatever the
// locale, but for two blanks that keyboards of other languages make.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace uwsgi::config {

inline constexpr std::string_view kBlank = " \t\r";

// The bytes of the blank that `text` starts or ends with: one of kBlank, a no-break space
// (U+00A0) or an ideographic one (U+3000). 0 when there is none.
std::size_t BlankAtStart(std::string_view text);
std::size_t BlankAtEnd(std::string_view text);
// Without blanks at both ends.
std::string_view Trim(std::string_view text);
// One digit at least, and nothing else.
bool IsNumber(std::string_view text);
// The non-empty pieces between any of `separators`.
std::vector<std::string_view> Split(std::string_view text, std::string_view separators);
// What follows the last '/'.
std::string_view BaseName(std::string_view path);
// The one of `names` that `misspelt` most likely means; empty when none is near.
std::string_view NearestOf(std::span<const std::string_view> names, std::string_view misspelt);
// How many single-character edits (a swap of neighbours is one) make `a` into `b`.
std::size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace uwsgi::config
