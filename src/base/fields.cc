// SPDX-License-Identifier: MIT

#include "base/fields.h"

#include <cstddef>

namespace uwsgi {

void AppendField(std::string& text, std::string_view field) {
  text += std::to_string(field.size());
  text += ':';
  text += field;
}

std::string_view FieldReader::Next() {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
  const auto digits = static_cast<std::size_t>(end - rest_.data());
  if (error != std::errc() || digits >= rest_.size() || *end != ':' ||
      size > rest_.size() - digits - 1) {
    failed_ = true;
    rest_ = {};
    return {};
  }
  const std::string_view field = rest_.substr(digits + 1, size);
  rest_.remove_prefix(digits + 1 + size);
  return field;
}

}  // namespace uwsgi
