// SPDX-License-Identifier: MIT
//
// From what the operator wrote to Options: the front door of config/.
//
//   environment, command line, files ──► RawOption list ──► expansion ──► Options
//          raw_options.h                               placeholders.h   build_options.h
//
// No option acts while it is read, but for those that are the configuration's own grammar
// (ini, include, set, if-env, for, ...). Nothing here logs or exits.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/start_facts.h"
#include "uwsgi/options.h"

namespace uwsgi::config {

struct Configuration {
  Options options;
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

// The list as one string, to hand it from process to process, and back.
std::string EncodeRawOptions(const std::vector<RawOption>& raw);
Result<std::vector<RawOption>> DecodeRawOptions(std::string_view text);

}  // namespace uwsgi::config
