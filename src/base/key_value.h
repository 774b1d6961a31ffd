// SPDX-License-Identifier: MIT

#pragma once

#include <string>

namespace uwsgi {

// KEY=VALUE, split at the first '=': a variable of an environment.
struct KeyValue {
  std::string key;
  std::string value;
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

}  // namespace uwsgi
