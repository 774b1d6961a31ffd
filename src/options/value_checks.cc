// SPDX-License-Identifier: MIT

#include "options/value_checks.h"

#include <cstddef>

namespace uwsgi::config {

Remark CheckPathLength(std::string_view value) {
  constexpr std::size_t kLongest = 4095;
  if (value.size() <= kLongest) return {};
  return Wrong(fmt::format("the path is longer than {} bytes", kLongest));
}

bool IsZero(std::string_view value) {
  return value.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace uwsgi::config
