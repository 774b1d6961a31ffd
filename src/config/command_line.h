// SPDX-License-Identifier: MIT
//
// The command line's grammar, close to getopt_long's:
//
//   --name value   --name=value   --name      a flag, or an option whose value is optional
//   -p 4   -p4   -Mi                          short flags, joined flags
//   --proc 4                                  a prefix that only one option has
//   site.ini[:section]   :3031                ini, socket
//   app.py[:obj]   mod:obj   directory        serve
//
// A flag takes "=value" too, and an optional value may be a word of its own.

#pragma once

#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "options/option_table.h"

namespace uwsgi::config {

// In order, under long names: short flags and prefixes are resolved, aliases stay as spelled.
std::vector<RawOption> ParseCommandLine(const std::vector<std::string>& arguments,
                                        const OptionTable& table, Diagnostics& diagnostics);

}  // namespace uwsgi::config
