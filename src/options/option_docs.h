// SPDX-License-Identifier: MIT
//
// What the table of options has to say to people: help, reference, effective configuration.
// Every text ends with a newline. `width` is that of the lines, for what is read in a terminal.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/option_table.h"
#include "options/raw_option.h"

namespace uwsgi::config {

// The everyday options; with a group's name (see the end of the plain help) all of that group.
// Fails with kNotFound and the groups that there are.
Result<std::string> Help(const OptionTable& table, std::string_view group, std::size_t width);

// One option: spellings, value, default, and whether this server has it. Fails with
// kNotFound and the nearest name.
Result<std::string> Explain(const OptionTable& table, std::string_view name, std::size_t width);

// docs/options.md.
std::string OptionsAsMarkdown(const OptionTable& table);

// The effective list as uWSGI's --show-config prints it; it can be read again as an ini file.
std::string ShowConfig(const std::vector<RawOption>& raw);

}  // namespace uwsgi::config
