// SPDX-License-Identifier: MIT

#include "config/checks.h"

#include <fmt/core.h>

#include <map>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "options/foreign_words.h"
#include "options/text.h"

namespace uwsgi::config {
namespace {

// As `vacuum = true` and `vacuum = 1` do. What is no value of the option means nothing.
bool MeanTheSame(const OptionSpec& spec, const RawOption& one, const RawOption& other) {
  OptionSet first;
  OptionSet second;
  for (const auto& [option, set] : {std::pair(&one, &first), std::pair(&other, &second)}) {
    const std::string_view value = spec.Effective(option->value);
    const bool has_form = spec.field.kind == ValueKind::kText && spec.field.check != nullptr;
    if (has_form && spec.field.check(value).kind == Remark::Kind::kError) {
      return one.value == other.value;
    }
    spec.field.parse(*set, value);
  }
  return spec.field.show(first) == spec.field.show(second);
}

std::string TextOfUnknown(const OptionTable& table, std::string_view name) {
  if (const auto ours = OursFor(name); !ours.empty()) return fmt::format("{}: {}", name, ours);
  if (const auto nearest = table.NearestName(name); !nearest.empty()) {
    return fmt::format("{}: did you mean {}?", name, nearest);
  }
  return fmt::format("{} is no option; uwsgi.opt has it", name);
}

}  // namespace

void CheckValues(const std::vector<RawOption>& raw, const OptionTable& table,
                 Diagnostics& diagnostics) {
  for (const RawOption& option : raw) {
    const OptionSpec* const spec = table.Find(option.name);
    if (spec == nullptr || spec->field.check == nullptr) continue;
    const bool is_scalar = spec->field.parse != nullptr && !spec->field.is_list;
    if (is_scalar && (option.value.empty() || table.LastOf(spec, raw) != &option)) continue;
    const Remark remark = spec->field.check(spec->Effective(option.value));
    if (remark.kind == Remark::Kind::kError) diagnostics.ErrorAt(option, remark.text);
    if (remark.kind == Remark::Kind::kWarning) diagnostics.WarningAt(option, remark.text);
  }
}

// What can be said only once counts as its last line says. Files that override each other are meant
// so.
void CheckRepeatedOptions(const std::vector<RawOption>& raw, const OptionTable& table,
                          Diagnostics& diagnostics) {
  std::map<const OptionSpec*, const RawOption*> first;
  for (const RawOption& option : raw) {
    const OptionSpec* const spec = table.Find(option.name);
    const bool is_single = spec != nullptr && spec->field.parse != nullptr && !spec->field.is_list;
    if (!is_single || option.file.empty()) continue;
    const auto [before, is_new] = first.emplace(spec, &option);
    if (is_new || before->second->file != option.file) continue;
    if (table.LastOf(spec, raw) != &option) continue;
    if (MeanTheSame(*spec, *before->second, option)) continue;
    diagnostics.Notice(
        fmt::format("{} counts, not {}", Describe(option), Describe(*before->second)));
  }
}

void CheckUnknownNames(const std::vector<RawOption>& raw, const OptionTable& table,
                       const std::set<std::string>& mentioned, bool strict,
                       Diagnostics& diagnostics) {
  std::set<std::string> known = mentioned;
  for (const RawOption& option : raw) {
    const OptionSpec* spec = table.Find(option.name);
    if (spec == nullptr || !(spec->name == "set" || spec->name == "set-placeholder")) continue;
    known.emplace(Trim(std::string_view(option.value).substr(0, option.value.find('='))));
  }
  for (const RawOption& option : raw) {
    if (table.Find(option.name) != nullptr || !known.insert(option.name).second) continue;
    const bool from_environment = option.file.empty();
    if (from_environment) {
      std::string variable = "UWSGI_" + option.name;
      for (char& c : variable) c = c == '-' ? '_' : ToUpper(c);
      if (mentioned.contains(variable)) continue;
    }
    const std::string text = TextOfUnknown(table, option.name);
    if (strict && !from_environment) {
      diagnostics.Error(fmt::format("{}:{}: {}", option.file, option.line, text));
    } else if (from_environment) {
      diagnostics.Warning(fmt::format("environment: {}", text));
    } else {
      diagnostics.Warning(fmt::format("{}:{}: {}", option.file, option.line, text));
    }
  }
}

}  // namespace uwsgi::config
