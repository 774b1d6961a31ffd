// SPDX-License-Identifier: MIT
//
// What only who knows all options can settle: what follows from several of them, and what is wrong
// with several together, or with more than the text of one. Each rule is a function of its own in
// option_checks.cc.

#pragma once

#include <vector>

#include "app/command_options.h"
#include "config/diagnostics.h"
#include "options/option_set.h"
#include "options/raw_option.h"

namespace uwsgi::config {

// Fields whose meaning is settled only when all options are known. Reports nothing.
void SettleOptions(OptionSet& options);

// Puts right what is out of range but clear in its meaning, with a warning each.
void CorrectOptions(OptionSet& options, Diagnostics& diagnostics);

// Asks each row about its value, then applies every rule. Looks at the file system, so it is for
// the process that read the configuration. `needs_socket`: without an option that names one, there
// is none.
void CheckOptions(const OptionSet& options, const std::vector<RawOption>& raw, bool needs_socket,
                  Diagnostics& diagnostics);

// What is wrong with a command's own words.
void CheckCommand(const CommandOptions& command, Diagnostics& diagnostics);

// True when an option names a socket.
bool HasSocket(const std::vector<RawOption>& raw);

// True when the command line asks for something that needs no socket and no application.
bool IsCommand(const CommandOptions& command);

}  // namespace uwsgi::config
