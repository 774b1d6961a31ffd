// SPDX-License-Identifier: MIT

#include "config/diagnostics.h"

#include <fmt/core.h>

namespace uwsgi::config {
namespace {

// A whole log format in an error message helps nobody.
constexpr std::size_t kShownLength = 80;

}  // namespace

std::string Describe(const RawOption& option) {
  std::string value = option.value.substr(0, kShownLength);
  if (value.size() < option.value.size()) value += "...";
  if (option.file.empty()) {
    return value.empty() ? fmt::format("--{}", option.name)
                         : fmt::format("--{} {}", option.name, value);
  }
  if (value.empty()) return fmt::format("{}:{}: {}", option.file, option.line, option.name);
  return fmt::format("{}:{}: {} = {}", option.file, option.line, option.name, value);
}

void Diagnostics::ErrorAt(const RawOption& option, std::string_view text) {
  Error(fmt::format("{}: {}", Describe(option), text));
}

void Diagnostics::WarningAt(const RawOption& option, std::string_view text) {
  Warning(fmt::format("{}: {}", Describe(option), text));
}

}  // namespace uwsgi::config
