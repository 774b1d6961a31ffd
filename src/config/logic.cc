// SPDX-License-Identifier: MIT

#include "config/logic.h"

#include <fmt/core.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>

#include "options/text.h"
#include "os/read_file.h"
#include "os/system_info.h"

namespace uwsgi::config {
namespace {

// Items of one loop; more are a mistake that would fill the memory.
constexpr std::uint64_t kMostItems = 65536;

// The table's name of a word of the language; empty for everything else.
std::string_view KeywordOf(const OptionTable& table, const RawOption& option) {
  const OptionSpec* spec = table.Find(option.name);
  if (spec == nullptr || !spec->has(kGrammar)) return {};
  const std::string_view name = spec->name;
  const bool is_logic =
      name.starts_with("if-") || name.starts_with("for") || name == "endif" || name == "endfor";
  return is_logic ? name : std::string_view{};
}

std::vector<std::string> Glob(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), GLOB_NOCHECK, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

// Plugins of uWSGI whose work is built in here.
bool IsBuiltIn(std::string_view plugin) {
  plugin = BaseName(plugin);
  return plugin.starts_with("python") || plugin == "http";
}

}  // namespace

Logic::Logic(const Environment& environment, const OptionTable& table,
             const std::vector<RawOption>& seen, Diagnostics& diagnostics)
    : environment_(environment), table_(table), seen_(seen), diagnostics_(diagnostics) {}

std::vector<RawOption> Logic::Take(RawOption option) {
  const std::string_view keyword = KeywordOf(table_, option);
  if (!keyword.empty()) return OnKeyword(std::move(option), keyword);
  if (!open_.has_value()) return {std::move(option)};
  std::vector<RawOption> repeated;
  for (const std::string& item : items_) {
    RawOption one = option;
    constexpr std::string_view kItem = "%(_)";
    for (std::size_t at = one.value.find(kItem); at != std::string::npos;
         at = one.value.find(kItem, at + item.size())) {
      one.value.replace(at, kItem.size(), item);
    }
    repeated.push_back(std::move(one));
  }
  return repeated;
}

std::vector<RawOption> Logic::OnKeyword(RawOption option, std::string_view keyword) {
  if (keyword.starts_with("end")) {
    if (!open_.has_value()) diagnostics_.ErrorAt(option, "there is nothing to end here");
    open_.reset();
    return {std::move(option)};
  }
  if (open_.has_value()) {
    // Where the outer condition fails nothing is read, so nothing is wrong either.
    if (!items_.empty()) {
      diagnostics_.ErrorAt(
          option, fmt::format("conditions and loops do not nest, end {} first", open_->name));
    }
    return {};
  }
  if (keyword.starts_with("for")) {
    items_ = LoopItems(option, keyword);
  } else {
    items_.clear();
    if (std::optional<std::string> value = Test(option, keyword)) items_ = {*std::move(value)};
  }
  open_ = option;
  return {std::move(option)};
}

std::vector<std::string> Logic::LoopItems(const RawOption& option, std::string_view keyword) {
  if (keyword == "for-glob") return Glob(option.value);
  std::vector<std::string> items;
  if (keyword == "for-times") {
    std::uint64_t times = 0;
    if (ParseValue(option.value, times).kind != Remark::Kind::kFine || times > kMostItems) {
      diagnostics_.ErrorAt(option, fmt::format("expected a number up to {}", kMostItems));
      return {};
    }
    for (std::uint64_t i = 1; i <= times; ++i) items.push_back(std::to_string(i));
    return items;
  }
  std::string text = option.value;
  if (keyword == "for-readline") {
    Result<std::string> content = os::ReadFile(option.value);
    if (!content.ok()) diagnostics_.ErrorAt(option, content.error().message);
    text = content.ok() ? std::move(content).value() : "";
  }
  for (const std::string_view item : Split(text, keyword == "for-readline" ? "\r\n" : " \t")) {
    if (!Trim(item).empty()) items.emplace_back(Trim(item));
  }
  return items;
}

std::optional<std::string> Logic::TestOption(std::string_view name, std::string_view wanted,
                                             bool any_value) const {
  for (const RawOption& option : seen_) {
    if (option.name == name && (any_value || option.value == wanted)) return option.value;
  }
  return std::nullopt;
}

std::optional<std::string> Logic::Test(const RawOption& option, std::string_view keyword) const {
  const bool negated = keyword.starts_with("if-not-");
  const std::string_view what = keyword.substr(negated ? 7 : 3);
  const std::string_view value = option.value;
  const std::size_t equals = value.find('=');
  const std::string_view name = Trim(value.substr(0, equals));
  const bool any_value = equals == std::string_view::npos;
  const std::string_view wanted = any_value ? std::string_view{} : Trim(value.substr(equals + 1));

  std::optional<std::string> holds;
  if (what == "env") {
    holds = environment_.Find(name);
    if (holds.has_value() && !any_value && *holds != wanted) holds.reset();
  } else if (what == "opt") {
    holds = TestOption(name, wanted, any_value);
  } else if (what == "hostname") {
    if (os::Hostname() == value) holds = value;
  } else if (what == "plugin") {
    if (IsBuiltIn(value)) holds = value;
  } else {
    struct stat status {};
    const bool exists = stat(option.value.c_str(), &status) == 0;
    const bool fits = (what == "exists") || (what == "file" && S_ISREG(status.st_mode)) ||
                      (what == "dir" && S_ISDIR(status.st_mode));
    if (exists && fits) holds = value;
  }
  if (negated) {
    return holds.has_value() ? std::nullopt : std::optional<std::string>(value);
  }
  return holds;
}

void Logic::Finish() {
  if (open_.has_value()) {
    diagnostics_.WarningAt(*open_, "nothing ends this; it goes on to the end");
    open_.reset();
  }
}

}  // namespace uwsgi::config
