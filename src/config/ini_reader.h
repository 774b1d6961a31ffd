// SPDX-License-Identifier: MIT
//
// The grammar of ini files, as uWSGI has it.
//
//   line    := blank | comment | section | option
//   comment := (';' | '#') text
//   section := '[' name ']'
//   option  := key [ '=' value ]        split at the first '='; no value: a flag
//
// Blanks around keys and values do not count. There is no quoting, no continuation, and no
// comment after a value: see trailing_comment.h for those.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace uwsgi::config {

struct IniLine {
  std::string key;
  std::string value;
  int line = 0;  // From 1.
};

struct IniSection {
  bool found = false;
  std::vector<IniLine> lines;  // In order; a section may be continued further down.
};

// The lines of one section. Fails only for bytes that no text has.
Result<IniSection> ParseIni(std::string_view text, std::string_view section);

}  // namespace uwsgi::config
