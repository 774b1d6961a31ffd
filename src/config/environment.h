// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/key_value.h"

namespace uwsgi::config {

// The process environment, as a value, so that nothing below depends on the real one.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::vector<KeyValue> variables) : variables_(std::move(variables)) {}
  // `block` ends with a null pointer; entries without '=' are left out.
  static Environment FromBlock(const char* const* block);

  std::optional<std::string> Find(std::string_view name) const;
  const std::vector<KeyValue>& variables() const { return variables_; }

 private:
  std::vector<KeyValue> variables_;
};

}  // namespace uwsgi::config
