// SPDX-License-Identifier: MIT

#include "config/build_options.h"

#include <fmt/core.h>

#include <set>

#include "config/loader.h"
#include "config/option_table.h"

namespace uwsgi::config {
namespace {

// An option that was turned off asks for nothing, so it may be one that we do not have.
bool AsksForNothing(const OptionSpec& spec, const RawOption& option) {
  return spec.is_flag() && IsOff(option.value);
}

void ReportState(const OptionSpec& spec, const RawOption& option, std::set<std::string>& warned,
                 Diagnostics& diagnostics) {
  if (AsksForNothing(spec, option)) return;
  if (spec.support == Support::kRefused) {
    diagnostics.ErrorAt(option, spec.help);
  } else if (spec.support == Support::kPending && warned.insert(option.name).second) {
    diagnostics.WarningAt(option, spec.help);
  }
}

// The text that the row's parser reads.
std::string_view EffectiveValue(const OptionSpec& spec, const RawOption& option) {
  const bool is_implied =
      spec.takes_optional_value() && (option.value.empty() || IsOn(option.value));
  return is_implied ? spec.implied : std::string_view(option.value);
}

// Fields whose meaning is settled only when all options are known.
void Settle(Options& options) {
  options.command.help = !options.command.help_group.empty();
  if (options.command.help_group == "everyday") options.command.help_group.clear();
  if (IsOff(options.log.log_date)) options.log.log_date.clear();
  options.worker.min_worker_lifetime = options.master.min_worker_lifetime;
  options.worker.worker_reload_mercy = options.master.worker_reload_mercy;
}

}  // namespace

Options ApplyOptions(const std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  Options options;
  std::set<std::string> warned;
  for (const RawOption& option : raw) {
    const OptionSpec* spec = FindOption(option.name);
    if (spec == nullptr) continue;
    ReportState(*spec, option, warned, diagnostics);
    if (spec->field.parse == nullptr) continue;
    const Remark remark = spec->field.parse(options, EffectiveValue(*spec, option));
    if (remark.kind == Remark::Kind::kError) diagnostics.ErrorAt(option, remark.text);
    if (remark.kind == Remark::Kind::kWarning) diagnostics.WarningAt(option, remark.text);
  }
  Settle(options);
  return options;
}

}  // namespace uwsgi::config
