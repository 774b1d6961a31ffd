// SPDX-License-Identifier: MIT
//
// What is wrong with options as they were written, whatever they are about. What is wrong with
// several of them together is known to app/option_checks.h.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "options/option_table.h"

namespace uwsgi::config {

// Asks each row's check about what was written, with file and line. Of an option that is no list
// only the last value counts, and an empty one takes back what was set before it.
void CheckValues(const std::vector<RawOption>& raw, const OptionTable& table,
                 Diagnostics& diagnostics);

// A notice for each scalar that one file sets twice, to different values.
void CheckRepeatedOptions(const std::vector<RawOption>& raw, const OptionTable& table,
                          Diagnostics& diagnostics);

// Names that no option has: a warning with the nearest name, or an error with `strict`. Names in
// `mentioned` are placeholders, those that `set` and `set-placeholder` define are meant so, and
// what comes from the environment never is an error.
void CheckUnknownNames(const std::vector<RawOption>& raw, const OptionTable& table,
                       const std::set<std::string>& mentioned, bool strict,
                       Diagnostics& diagnostics);

}  // namespace uwsgi::config
