// SPDX-License-Identifier: MIT
//
// From what the operator wrote to typed values.
//
//   environment, command line, files ──► RawOption list ──► expansion ──► OptionSet ──► checks
//       config/raw_options.h              config/placeholders.h   config/build_options.h
//                                                                    option_checks.h
//
// No option acts while it is read, but for those that are the configuration's own grammar
// (ini, include, set, if-env, for, ...). Nothing here logs or exits.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/start_facts.h"
#include "options/option_set.h"
#include "options/raw_option.h"

namespace uwsgi::config {

struct Configuration {
  OptionSet options;
  // Every option as written, in order and after expansion, unknown names included: what
  // uwsgi.opt and --show-config are made from, and what a generation is handed.
  std::vector<RawOption> raw;
  // One line each, with file:line where there is one; to be logged once, by the master.
  std::vector<std::string> warnings;
  std::vector<std::string> notices;
};

// Reads everything. On failure the message holds *all* that is wrong, one line each.
// The first of `command_line` is the program. `warnings`, if given, gets them on failure, too: they
// may say why.
Result<Configuration> Load(const std::vector<std::string>& command_line, StartFacts& facts,
                           std::vector<std::string>* warnings = nullptr);

// From an encoded list that Load made before: what a zygote does with its master's.
// Repeats no warning, reads no file and no environment.
Result<Configuration> Rebuild(std::string_view encoded);

}  // namespace uwsgi::config
