// SPDX-License-Identifier: MIT
//
// Gathers what was written, in the order in which it counts: environment, command line,
// and each configuration file at the place that names it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/start_facts.h"
#include "options/option_table.h"

namespace uwsgi::config {

struct GatheredOptions {
  std::vector<RawOption> options;    // Not expanded yet.
  std::vector<RawOption> inherited;  // Of `inherit` files: appended after expansion, as written.
};

// Reads UWSGI_* variables, then the command line without its program name. What can not be
// read or understood is an error in `diagnostics`; the rest is gathered all the same.
GatheredOptions GatherOptions(const std::vector<std::string>& arguments, StartFacts& facts,
                              const OptionTable& table, Diagnostics& diagnostics);

}  // namespace uwsgi::config
