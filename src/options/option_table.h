// SPDX-License-Identifier: MIT
//
// Every option name that configuration may use: this server's own rows, one file per group
// (option_table_*.cc), and the names of uWSGI 2.0 that it does not have (foreign_options*.cc).

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "options/option_spec.h"

namespace uwsgi::config {

// All rows: supported ones by group in the order of their files, then the others by name.
// Built once; lives forever.
const std::vector<OptionSpec>& OptionTable();

// The row of a name or alias; null when there is none.
const OptionSpec* FindOption(std::string_view name);
const OptionSpec* FindShortFlag(char flag);

// Every name that starts with `prefix`, aliases included.
std::vector<std::string_view> NamesWithPrefix(std::string_view prefix);
// The name that `misspelt` most likely means; empty when none is near.
std::string_view NearestName(std::string_view misspelt);

// "sockets", "processes", ...: the word that --help takes.
std::string_view GroupName(Group group);
std::string_view GroupTitle(Group group);
std::optional<Group> FindGroup(std::string_view name);

// The rows of the files, for OptionTable.
std::span<const OptionSpec> SocketRows();
std::span<const OptionSpec> ProcessRows();
std::span<const OptionSpec> RequestRows();
std::span<const OptionSpec> ApplicationRows();
std::span<const OptionSpec> StaticFileRows();
std::span<const OptionSpec> LoggingRows();
std::span<const OptionSpec> CommandRows();
std::span<const OptionSpec> ConfigurationRows();

// Names of uWSGI 2.0 that share a state and a reason. In `names` a bare word is a flag, a word
// with '#' takes a number, with '=' a word, with '~' free text, with '?' an optional value.
struct ForeignOptions {
  Support support;
  std::string_view why;
  std::string_view names;
};
std::span<const ForeignOptions> AcceptedOptions();
std::span<const ForeignOptions> PendingOptions();
std::span<const ForeignOptions> RefusedOptions();

}  // namespace uwsgi::config
