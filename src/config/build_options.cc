// SPDX-License-Identifier: MIT

#include "config/build_options.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "options/foreign_words.h"

namespace uwsgi::config {
namespace {

// An option that was turned off asks for nothing, so it may be one that we do not have.
bool AsksForNothing(const OptionSpec& spec, const RawOption& option) {
  const bool may_be_off = spec.is_flag() || spec.field.kind == ValueKind::kNumber;
  return may_be_off && IsOff(option.value);
}

// Options that are not built yet, by the sentence about them: one warning each, however many
// of a family a site sets.
class PendingFamilies {
 public:
  void Add(const OptionSpec& spec, const RawOption& option) {
    for (Family& family : families_) {
      if (family.why != spec.help) continue;
      if (family.names.insert(option.name).second) family.all += ", " + option.name;
      return;
    }
    families_.push_back({spec.help, Describe(option), {option.name}, option.name});
  }

  void Report(Diagnostics& diagnostics) const {
    for (const Family& family : families_) {
      const bool alone = family.names.size() == 1;
      diagnostics.Warning(alone ? fmt::format("{}: {}", family.first, family.why)
                                : fmt::format("{}: {} ({})", family.first, family.why, family.all));
    }
  }

 private:
  struct Family {
    std::string_view why;  // The row's.
    std::string first;     // The description of the first of them.
    std::set<std::string> names;
    std::string all;
  };
  std::vector<Family> families_;
};

}  // namespace

OptionSet ApplyOptions(const std::vector<RawOption>& raw, const OptionTable& table,
                       Diagnostics& diagnostics) {
  OptionSet options;
  PendingFamilies pending;
  for (const RawOption& option : raw) {
    const OptionSpec* spec = table.Find(option.name);
    if (spec == nullptr) continue;
    if (!AsksForNothing(*spec, option)) {
      if (spec->support == Support::kRefused) diagnostics.ErrorAt(option, spec->help);
      if (spec->support == Support::kPending) pending.Add(*spec, option);
    }
    if (spec->field.parse == nullptr) continue;
    const Remark remark = spec->field.parse(options, spec->Effective(option.value));
    if (remark.kind == Remark::Kind::kFine) continue;
    const std::string_view ours = OursForValue(spec->name, option.value);
    const std::string text = fmt::format("{}{}{}", remark.text, ours.empty() ? "" : ": ", ours);
    if (remark.kind == Remark::Kind::kError) diagnostics.ErrorAt(option, text);
    if (remark.kind == Remark::Kind::kWarning) diagnostics.WarningAt(option, text);
  }
  pending.Report(diagnostics);
  return options;
}

}  // namespace uwsgi::config
