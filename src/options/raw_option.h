// SPDX-License-Identifier: MIT

#pragma once

#include <string>

namespace uwsgi {

// One option as it was written, in order: what `uwsgi.opt` is made from, unknown keys included.
struct RawOption {
  std::string name;   // As spelled, without dashes; short flags under their long name.
  std::string value;  // After expansion.
  bool bare = false;  // Given on the command line without a value.
  std::string file;   // Empty for the command line and the environment.
  int line = 0;       // From 1, in `file`.
};

}  // namespace uwsgi
