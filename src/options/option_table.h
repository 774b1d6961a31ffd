// SPDX-License-Identifier: MIT
//
// Every option name that configuration may use: the rows of this server's own options, and the
// names of uWSGI 2.0 that it does not have (foreign_options_*.cc).

#pragma once

#include <deque>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "options/option_spec.h"
#include "options/raw_option.h"

namespace uwsgi::config {

// Immutable once built.
class OptionTable {
 public:
  // Own rows in the order of documentation; behind them those of uWSGI's other names.
  OptionTable(std::initializer_list<OptionRows> own);
  OptionTable(const OptionTable&) = delete;
  OptionTable& operator=(const OptionTable&) = delete;

  // Own rows, then the others by name.
  const std::vector<OptionSpec>& rows() const { return rows_; }

  // The row of a name or alias; null when there is none.
  const OptionSpec* Find(std::string_view name) const;
  const OptionSpec* FindShortFlag(char flag) const;
  // The row of a member: FindField(IdOf<&AppOptions::home>()). Every member has one.
  const OptionSpec* FindField(const void* id) const;
  // The last of what was written of an option, which is the one that counts; null when none was.
  const RawOption* LastOf(const OptionSpec* row, std::span<const RawOption> raw) const;

  // Every name that starts with `prefix`, aliases included.
  std::vector<std::string_view> NamesWithPrefix(std::string_view prefix) const;
  // The name that `misspelt` most likely means; empty when none is near.
  std::string_view NearestName(std::string_view misspelt) const;

 private:
  void AddForeignRows();

  std::vector<OptionSpec> rows_;
  std::deque<std::string> helps_;  // The sentences of foreign rows; a deque never moves them.
  std::map<std::string_view, const OptionSpec*> by_name_;
  std::map<char, const OptionSpec*> by_flag_;
};

// "sockets", "processes", ...: the word that --help takes.
std::string_view GroupName(Group group);
std::string_view GroupTitle(Group group);
std::optional<Group> FindGroup(std::string_view name);

// Names of uWSGI 2.0 that share a state and a reason. In `names` a bare word is a flag, a word
// with '#' takes a number, with '=' a word, with '~' free text, with '?' an optional value.
struct ForeignOptions {
  Support support;
  std::string_view why;
  std::string_view names;
  Check check = nullptr;
};
std::span<const ForeignOptions> AcceptedOptions();
std::span<const ForeignOptions> PendingOptions();
std::span<const ForeignOptions> RefusedOptions();

}  // namespace uwsgi::config
