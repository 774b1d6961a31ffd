// SPDX-License-Identifier: MIT
//
// What is wrong with options when one looks at several of them, or at more than the text of one:
// see value_checks.h for that. Each rule is a function of its own in checks.cc.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "uwsgi/options.h"

namespace uwsgi::config {

// Puts right what is out of range but clear in its meaning, with a warning each.
void CorrectOptions(Options& options, Diagnostics& diagnostics);

// Applies every rule. Looks at the file system, so it is for the process that read the
// configuration. `needs_socket`: without an option that names one, there is none.
void CheckOptions(const Options& options, const std::vector<RawOption>& raw, bool needs_socket,
                  Diagnostics& diagnostics);

// Names that no option has: a warning with the nearest name, or an error with `strict`. Names in
// `mentioned` are placeholders, those that `set` and `set-placeholder` define are meant so, and
// what comes from the environment never is an error.
void CheckUnknownNames(const std::vector<RawOption>& raw, const std::set<std::string>& mentioned,
                       bool strict, Diagnostics& diagnostics);

// What is wrong with a command's own words.
void CheckCommand(const CommandOptions& command, Diagnostics& diagnostics);

// True when an option names a socket.
bool HasSocket(const ListenOptions& listen);

// True when the command line asks for something that needs no socket and no application.
bool IsCommand(const CommandOptions& command);

}  // namespace uwsgi::config
