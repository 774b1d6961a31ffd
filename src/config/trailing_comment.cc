// SPDX-License-Identifier: MIT

#include "config/trailing_comment.h"

#include "options/text.h"

namespace uwsgi::config {

std::string_view WithoutTrailingComment(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i > 0 && BlankAtEnd(value.substr(0, i)) == 0) continue;
    const bool starts_comment =
        value[i] == '#' || value[i] == ';' || (i > 0 && value.substr(i).starts_with("//"));
    if (starts_comment) return Trim(value.substr(0, i));
  }
  return value;
}

}  // namespace uwsgi::config
