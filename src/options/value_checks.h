// SPDX-License-Identifier: MIT
//
// What rows of several subjects ask of their values.

#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string_view>

#include "options/option_values.h"

namespace uwsgi::config {

// Fine if the parser takes the value.
template <auto Parse>
Remark CheckBy(std::string_view value) {
  return RemarkOn(Parse(value));
}

// A path that no system call takes is wrong wherever it leads.
Remark CheckPathLength(std::string_view value);

// More processes or threads are a mistake: the kernel runs out first.
template <std::uint64_t kMost>
Remark CheckAtMost(std::string_view value) {
  std::uint64_t number = 0;
  if (ParseValue(value, number).kind == Remark::Kind::kError || number <= kMost) return {};
  return Wrong(fmt::format("the limit is {}", kMost));
}

// "0", "000", or nothing.
bool IsZero(std::string_view value);

}  // namespace uwsgi::config
