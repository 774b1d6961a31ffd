// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "options/rows.h"

namespace uwsgi::config {

// What the configuration says about itself.
struct LanguageOptions {
  bool strict = false;
  std::vector<std::string> print;  // print, iprint: lines for the log.
};

// The words of the language, too.
OptionRows LanguageRows();

}  // namespace uwsgi::config
