// SPDX-License-Identifier: MIT

#include "options/option_docs.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "options/text.h"

namespace uwsgi::config {
namespace {

// Where the sentences of the help begin, and where in a narrow terminal.
constexpr std::size_t kHelpColumn = 36;
constexpr std::size_t kNarrow = 60;
constexpr std::size_t kNarrowColumn = 8;
// Of docs/options.md.
constexpr std::size_t kPageWidth = 100;
constexpr std::size_t kLongestDefault = 60;

std::string DefaultOf(const OptionSpec& row) {
  return row.field.show == nullptr ? "" : row.field.show(OptionSet{});
}

// "  -p, --processes N", padded.
std::string Synopsis(const OptionSpec& row) {
  const std::string flag = row.short_flag != 0 ? fmt::format("-{}, ", row.short_flag) : "    ";
  std::string value;
  if (!row.metavar.empty()) {
    value = row.takes_optional_value() ? fmt::format(" [{}]", row.metavar)
                                       : fmt::format(" {}", row.metavar);
  }
  return fmt::format("  {}--{}{}", flag, row.name, value);
}

// The words of `text` in lines of `width` that begin at `column`; the first one follows `start`.
// A word that is longer has a line to itself.
std::string Wrapped(std::string start, std::string_view text, std::size_t column,
                    std::size_t width) {
  std::string out = std::move(start);
  std::size_t at = out.size();
  if (at > 0 && at + 1 > column) {
    out += '\n';
    at = 0;
  }
  bool is_first = true;
  for (const std::string_view word : Split(text, " ")) {
    if (!is_first && at + 1 + word.size() > width) {
      out += '\n';
      at = 0;
      is_first = true;
    }
    const std::size_t blanks = is_first ? column - std::min(at, column) : 1;
    out.append(blanks, ' ');
    out += word;
    at += blanks + word.size();
    is_first = false;
  }
  return out + "\n";
}

std::string HelpOf(const OptionTable& table, Group group, bool only_everyday, std::size_t width) {
  std::string out;
  for (const OptionSpec& row : table.rows()) {
    if (row.group != group || (only_everyday && !row.has(kEveryday))) continue;
    out += Wrapped(Synopsis(row), row.help, width < kNarrow ? kNarrowColumn : kHelpColumn, width);
  }
  return out.empty() ? out : fmt::format("\n{}:\n{}", GroupTitle(group), out);
}

constexpr Group kAllGroups[] = {
    Group::kSockets,     Group::kApplications, Group::kProcesses, Group::kRequests,
    Group::kStaticFiles, Group::kSharing,      Group::kLogging,   Group::kConfiguration,
    Group::kCommands,    Group::kOthers,
};

std::string Code(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped.empty() ? escaped : fmt::format("`{}`", escaped);
}

std::string MarkdownRow(const OptionSpec& row) {
  std::string names = Code(row.name);
  if (row.short_flag != 0) names += fmt::format(", `-{}`", row.short_flag);
  for (const std::string_view alias : Split(row.aliases, " ")) names += ", " + Code(alias);
  const std::string metavar = row.metavar.empty() ? "flag" : Code(row.metavar);
  std::string value = DefaultOf(row);
  if (value.size() > kLongestDefault) {
    value.erase(value.rfind(' ', kLongestDefault));
    value += " …";
  }
  return fmt::format("| {} | {} | {} | {} |\n", names, metavar, Code(value), row.help);
}

// The names of uWSGI that share a state and a sentence, as one paragraph.
std::string ForeignMarkdown(const OptionTable& table, std::string_view title, Support support) {
  std::string out = fmt::format("\n## {}\n", title);
  std::vector<std::string_view> reasons;
  for (const OptionSpec& row : table.rows()) {
    if (row.support != support) continue;
    if (std::find(reasons.begin(), reasons.end(), row.help) == reasons.end()) {
      reasons.push_back(row.help);
    }
  }
  for (const std::string_view reason : reasons) {
    std::string names;
    for (const OptionSpec& row : table.rows()) {
      if (row.support == support && row.help == reason) names += " " + Code(row.name);
    }
    out += "\n" + Wrapped("", fmt::format("**{}**{}", reason, names), 0, kPageWidth);
  }
  return out;
}

std::string_view SupportWord(Support support) {
  switch (support) {
    case Support::kSupported:
      return "supported";
    case Support::kAccepted:
      return "accepted, without effect";
    case Support::kPending:
      return "an option of uWSGI that is not built yet; the start warns";
    case Support::kRefused:
      break;
  }
  return "an option of uWSGI that is refused; the start fails";
}

}  // namespace

Result<std::string> Help(const OptionTable& table, std::string_view group, std::size_t width) {
  std::string out = Wrapped(
      "", "Usage: uwsgi [options...] [file.ini[:section] | file.py | module:callable]", 0, width);
  if (!group.empty()) {
    const std::optional<Group> found = FindGroup(group);
    if (found.has_value()) return out + HelpOf(table, *found, false, width);
  }
  std::string groups;
  for (const Group one : kAllGroups) groups += fmt::format(" {}", GroupName(one));
  if (!group.empty()) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("--help {}: no such group, there are:{}", group, groups)};
  }
  for (const Group one : kAllGroups) out += HelpOf(table, one, true, width);
  return out + "\n" +
         Wrapped("",
                 fmt::format("Each option may stand in an ini file, as `name = value` under "
                             "[uwsgi], or in the environment, as UWSGI_NAME. `--explain OPTION` "
                             "says everything about one, `--help GROUP` lists all of a group:{}.",
                             groups),
                 0, width);
}

Result<std::string> Explain(const OptionTable& table, std::string_view name, std::size_t width) {
  while (name.starts_with('-')) name.remove_prefix(1);
  const OptionSpec* row = table.Find(name);
  if (row == nullptr && name.size() == 1) row = table.FindShortFlag(name.front());
  if (row == nullptr) {
    const std::string_view nearest = table.NearestName(name);
    const std::string hint = nearest.empty() ? "" : fmt::format(", did you mean {}?", nearest);
    return Error{ErrorCode::kNotFound, fmt::format("there is no option {}{}", name, hint)};
  }
  std::string out = fmt::format("{}\n{}", Trim(Synopsis(*row)), Wrapped("", row->help, 2, width));
  if (!row->aliases.empty()) out += fmt::format("  also spelled: {}\n", row->aliases);
  out += fmt::format("  group: {}\n", GroupName(row->group));
  if (row->field.is_list) out += "  may be given several times\n";
  if (row->takes_optional_value()) out += fmt::format("  without a value: {}\n", row->implied);
  if (const std::string value = DefaultOf(*row); !value.empty()) {
    out += fmt::format("  default: {}\n", value);
  }
  if (row->note != nullptr) out += Wrapped("", row->note(), 2, width);
  return out + fmt::format("  state: {}\n", SupportWord(row->support));
}

std::string OptionsAsMarkdown(const OptionTable& table) {
  std::string out =
      "# Options\n\n"
      "Generated by `uwsgi --dump-options=md`; do not edit.\n\n"
      "Each option may stand on the command line (`--name value`), in an ini file\n"
      "(`name = value`) and in the environment (`UWSGI_NAME`). Lists take several values,\n"
      "of everything else the last one counts. Flags are off for `false`, `off`, `no` and `0`.\n"
      "`--explain NAME` shows a default whole that ends in … here.\n";
  for (const Group group : kAllGroups) {
    if (group == Group::kOthers) continue;
    out += fmt::format("\n## {}\n\n| Option | Value | Default | Meaning |\n|---|---|---|---|\n",
                       GroupTitle(group));
    for (const OptionSpec& row : table.rows()) {
      if (row.group == group) out += MarkdownRow(row);
    }
  }
  out += ForeignMarkdown(table, "Options of uWSGI without effect here", Support::kAccepted);
  out += ForeignMarkdown(table, "Options of uWSGI that are not built yet", Support::kPending);
  out += ForeignMarkdown(table, "Options of uWSGI that are refused", Support::kRefused);
  return out;
}

std::string ShowConfig(const std::vector<RawOption>& raw) {
  std::string out = ";uWSGI instance configuration\n[uwsgi]\n";
  for (const RawOption& option : raw) {
    out += fmt::format("{} = {}\n", option.name, option.bare ? "true" : option.value);
  }
  return out + ";end of configuration\n";
}

}  // namespace uwsgi::config
