// SPDX-License-Identifier: MIT

#include "options/option_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>

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
    GroupNames{Group::kSharing, "sharing", "Shared between processes"},
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

}  // namespace

OptionTable::OptionTable(std::initializer_list<OptionRows> own) {
  for (const OptionRows rows : own) rows_.insert(rows_.end(), rows.begin(), rows.end());
  AddForeignRows();
  for (const OptionSpec& row : rows_) {
    by_name_.emplace(row.name, &row);
    for (const std::string_view alias : Split(row.aliases, " ")) by_name_.emplace(alias, &row);
    if (row.short_flag != 0) by_flag_.emplace(row.short_flag, &row);
  }
}

void OptionTable::AddForeignRows() {
  const auto first = static_cast<std::ptrdiff_t>(rows_.size());
  for (const auto options : {AcceptedOptions(), PendingOptions(), RefusedOptions()}) {
    for (const ForeignOptions& some : options) {
      helps_.push_back(fmt::format("{}{}", Prefix(some.support), some.why));
      for (const std::string_view word : Split(some.names, " ")) {
        rows_.push_back(ForeignRow(word, some.support, helps_.back()));
        rows_.back().short_flag = ForeignShortFlag(rows_.back().name);
        rows_.back().field.check = some.check;
      }
    }
  }
  std::sort(rows_.begin() + first, rows_.end(),
            [](const OptionSpec& a, const OptionSpec& b) { return a.name < b.name; });
}

const OptionSpec* OptionTable::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const OptionSpec* OptionTable::FindShortFlag(char flag) const {
  const auto found = by_flag_.find(flag);
  return found == by_flag_.end() ? nullptr : found->second;
}

const OptionSpec* OptionTable::FindField(const void* id) const {
  const auto found =
      std::ranges::find_if(rows_, [id](const OptionSpec& row) { return row.field.id == id; });
  return found == rows_.end() ? nullptr : &*found;
}

const RawOption* OptionTable::LastOf(const OptionSpec* row, std::span<const RawOption> raw) const {
  const auto last = std::find_if(raw.rbegin(), raw.rend(),
                                 [&](const RawOption& option) { return Find(option.name) == row; });
  return row == nullptr || last == raw.rend() ? nullptr : &*last;
}

std::vector<std::string_view> OptionTable::NamesWithPrefix(std::string_view prefix) const {
  std::vector<std::string_view> found;
  for (auto it = by_name_.lower_bound(prefix); it != by_name_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    found.push_back(it->first);
  }
  return found;
}

std::string_view OptionTable::NearestName(std::string_view misspelt) const {
  // A name of uWSGI with '_' for '-' is the same word.
  std::string dashed = ToLower(misspelt);
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  std::string_view nearest;
  // A third of the word may be wrong, and no more than three characters. A supported name wins
  // over one that this server does not have.
  std::size_t best = 2 * (std::min<std::size_t>(3, dashed.size() / 3) + 1);
  for (const auto& [name, row] : by_name_) {
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
