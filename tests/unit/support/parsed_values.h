// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace uwsgi::testing {

// What a list of this option holds: the values of those texts that its parser takes.
template <auto kParse>
auto ParsedValues(const std::vector<std::string_view>& texts) {
  std::vector<std::remove_cvref_t<decltype(*kParse(""))>> values;
  for (const std::string_view text : texts) {
    if (auto parsed = kParse(text)) values.push_back(*std::move(parsed));
  }
  return values;
}

}  // namespace uwsgi::testing
