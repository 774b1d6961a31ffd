// SPDX-License-Identifier: MIT

#include "config/environment.h"

namespace uwsgi::config {

Environment Environment::FromBlock(const char* const* block) {
  std::vector<KeyValue> variables;
  for (; block != nullptr && *block != nullptr; ++block) {
    const std::string_view entry = *block;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    variables.push_back(
        {std::string(entry.substr(0, equals)), std::string(entry.substr(equals + 1))});
  }
  return Environment(std::move(variables));
}

std::optional<std::string> Environment::Find(std::string_view name) const {
  for (const KeyValue& variable : variables_) {
    if (variable.key == name) return variable.value;
  }
  return std::nullopt;
}

}  // namespace uwsgi::config
