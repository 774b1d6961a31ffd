// SPDX-License-Identifier: MIT

#include "options/option_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "base/ascii.h"
#include "options/text.h"

namespace uwsgi::config {
namespace {

struct GroupNames {
  Group group;
  std::string_view name;
  std::string_view title;
};

constexpr std::array kGroups = {
    GroupNames{Group::kSockets, "sockets", "Sockets"},
    GroupNames{Group::kProcesses, "processes", "Processes"},
    GroupNames{Group::kRequests, "requests", "Requests"},
    GroupNames{Group::kApplications, "applications", "Applications"},
    GroupNames{Group::kStaticFiles, "static", "Static files"},
    GroupNames{Group::kLogging, "logging", "Logging"},
    GroupNames{Group::kCommands, "commands", "Commands"},
    GroupNames{Group::kConfiguration, "configuration", "Configuration language"},
    GroupNames{Group::kOthers, "others", "Other options of uWSGI"},
};

const GroupNames& NamesOf(Group group) { return kGroups[static_cast<std::size_t>(group)]; }

std::string_view Prefix(Support support) {
  if (support == Support::kAccepted) return "No effect: ";
  return support == Support::kPending ? "Not built yet: " : "Refused: ";
}

// The row of one marked word of ForeignOptions; `help` outlives the row.
OptionSpec ForeignRow(std::string_view word, Support support, std::string_view help) {
  OptionSpec row;
  row.support = support;
  row.help = help;
  const char mark = word.back();
  if (std::string_view("#=~?").find(mark) == std::string_view::npos) {
    row.field = Without(ValueKind::kFlag);
  } else {
    word.remove_suffix(1);
    row.field = Without(mark == '#' ? ValueKind::kNumber : ValueKind::kText);
    row.metavar = mark == '#' ? "N" : "VALUE";
    if (mark == '~') row.traits = kFreeText;
    if (mark == '?') row.implied = "true";
  }
  row.name = word;
  return row;
}

// The short flags that uWSGI gives to options which are not ours.
char ForeignShortFlag(std::string_view name) {
  static constexpr std::pair<std::string_view, char> kFlags[] = {
      {"abstract-socket", 'a'},
      {"cgi-mode", 'c'},
      {"enable-threads", 'T'},
      {"json", 'j'},
      {"reaper", 'r'},
      {"sharedarea", 'A'},
      {"spooler", 'Q'},
      {"test", 'J'},
      {"single-interpreter", 'i'},
      {"xml", 'x'},
      {"yaml", 'y'},
  };
  for (const auto& [long_name, flag] : kFlags) {
    if (long_name == name) return flag;
  }
  return 0;
}

// Rows and the ways to find them. `helps` owns the sentences of foreign rows: a deque never
// moves its elements.
struct Table {
  std::vector<OptionSpec> rows;
  std::deque<std::string> helps;
  std::map<std::string_view, const OptionSpec*> by_name;
  std::map<char, const OptionSpec*> by_flag;

  Table() {
    for (const auto own : {SocketRows(), ProcessRows(), RequestRows(), ApplicationRows(),
                           StaticFileRows(), LoggingRows(), CommandRows(), ConfigurationRows()}) {
      rows.insert(rows.end(), own.begin(), own.end());
    }
    const auto first_foreign = static_cast<std::ptrdiff_t>(rows.size());
    for (const auto options : {AcceptedOptions(), PendingOptions(), RefusedOptions()}) {
      for (const ForeignOptions& some : options) AddForeign(some);
    }
    std::sort(rows.begin() + first_foreign, rows.end(),
              [](const OptionSpec& a, const OptionSpec& b) { return a.name < b.name; });
    for (const OptionSpec& row : rows) {
      by_name.emplace(row.name, &row);
      for (const std::string_view alias : Split(row.aliases, " ")) by_name.emplace(alias, &row);
      if (row.short_flag != 0) by_flag.emplace(row.short_flag, &row);
    }
  }

  void AddForeign(const ForeignOptions& some) {
    helps.push_back(fmt::format("{}{}", Prefix(some.support), some.why));
    for (const std::string_view word : Split(some.names, " ")) {
      rows.push_back(ForeignRow(word, some.support, helps.back()));
      rows.back().short_flag = ForeignShortFlag(rows.back().name);
    }
  }
};

// Immutable once built.
const Table& TheTable() {
  static const Table table;
  return table;
}

}  // namespace

const std::vector<OptionSpec>& OptionTable() { return TheTable().rows; }

const OptionSpec* FindOption(std::string_view name) {
  const auto& names = TheTable().by_name;
  const auto found = names.find(name);
  return found == names.end() ? nullptr : found->second;
}

const OptionSpec* FindShortFlag(char flag) {
  const auto& flags = TheTable().by_flag;
  const auto found = flags.find(flag);
  return found == flags.end() ? nullptr : found->second;
}

std::vector<std::string_view> NamesWithPrefix(std::string_view prefix) {
  const auto& names = TheTable().by_name;
  std::vector<std::string_view> found;
  for (auto it = names.lower_bound(prefix); it != names.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    found.push_back(it->first);
  }
  return found;
}

std::string_view NearestName(std::string_view misspelt) {
  // A name of uWSGI with '_' for '-' is the same word.
  std::string dashed = ToLower(misspelt);
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  std::string_view nearest;
  // A third of the word may be wrong, and no more than three characters. A supported name wins
  // over one that this server does not have.
  std::size_t best = 2 * (std::min<std::size_t>(3, dashed.size() / 3) + 1);
  for (const auto& [name, row] : TheTable().by_name) {
    const std::size_t longer = std::max(name.size(), dashed.size());
    if (longer - std::min(name.size(), dashed.size()) > 3) continue;
    const std::size_t foreign = row->group == Group::kOthers ? 1 : 0;
    const std::size_t distance = 2 * EditDistance(dashed, name) + foreign;
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

std::string_view GroupName(Group group) { return NamesOf(group).name; }
std::string_view GroupTitle(Group group) { return NamesOf(group).title; }

std::optional<Group> FindGroup(std::string_view name) {
  for (const GroupNames& names : kGroups) {
    if (names.name == name) return names.group;
  }
  return std::nullopt;
}

}  // namespace uwsgi::config
