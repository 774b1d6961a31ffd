// SPDX-License-Identifier: MIT

#include "config/raw_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "config/command_line.h"
#include "config/ini_reader.h"
#include "config/logic.h"
#include "config/magic_variables.h"
#include "config/trailing_comment.h"
#include "options/text.h"

namespace uwsgi::config {
namespace {

// Variables with the prefix that are not options: they pass between uWSGI's own processes.
constexpr std::array<std::string_view, 8> kNotOptions = {
    "UWSGI_RELOADS",       "UWSGI_VASSALS_DIR",   "UWSGI_EMPEROR_FD", "UWSGI_EMPEROR_FD_CONFIG",
    "UWSGI_EMPEROR_PROXY", "UWSGI_BROODLORD_NUM", "UWSGI_JAIL_PID",   "UWSGI_ORIGINAL_PROC_NAME"};

class Gatherer {
 public:
  Gatherer(StartFacts& facts, const OptionTable& table, Diagnostics& diagnostics)
      : facts_(facts),
        table_(table),
        diagnostics_(diagnostics),
        logic_(facts.environment, table, gathered_.options, diagnostics) {}

  void AddEnvironment() {
    constexpr std::string_view kPrefix = "UWSGI_";
    for (const KeyValue& variable : facts_.environment.variables()) {
      if (!variable.key.starts_with(kPrefix)) continue;
      if (std::find(kNotOptions.begin(), kNotOptions.end(), variable.key) != kNotOptions.end()) {
        continue;
      }
      std::string name = ToLower(std::string_view(variable.key).substr(kPrefix.size()));
      std::replace(name.begin(), name.end(), '_', '-');
      if (!name.empty()) Add({std::move(name), variable.value, false, {}, 0});
    }
  }

  void Add(RawOption option) {
    for (RawOption& one : logic_.Take(std::move(option))) {
      const OptionSpec* spec = table_.Find(one.name);
      const bool acts = spec != nullptr && spec->has(kGrammar);
      gathered_.options.push_back(std::move(one));
      // A copy: reading a file makes the list grow.
      if (acts) Act(spec->name, RawOption(gathered_.options.back()));
    }
  }

  GatheredOptions Finish() {
    logic_.Finish();
    return std::move(gathered_);
  }

 private:
  void Act(std::string_view keyword, const RawOption& option) {
    if (keyword == "ini" || keyword == "include") {
      ReadIni(option, [this](RawOption line) { Add(std::move(line)); });
    } else if (keyword == "inherit") {
      ReadIni(option, [this](RawOption line) { gathered_.inherited.push_back(std::move(line)); });
    } else if (keyword == "set" || keyword == "set-placeholder") {
      Set(option, keyword == "set-placeholder");
    }
  }

  void Set(const RawOption& option, bool only_placeholder) {
    const std::size_t equals = option.value.find('=');
    std::string name(Trim(std::string_view(option.value).substr(0, equals)));
    if (equals == std::string::npos || name.empty()) {
      return diagnostics_.ErrorAt(option, "expected NAME=VALUE");
    }
    if (only_placeholder && table_.Find(name) != nullptr) {
      return diagnostics_.ErrorAt(
          option, fmt::format("{} is an option and can not be a placeholder, use set", name));
    }
    Add({std::move(name), option.value.substr(equals + 1), false, option.file, option.line});
  }

  template <typename OnLine>
  void ReadIni(const RawOption& option, OnLine on_line) {
    FileName file = FileName::Parse(option.value);
    if (file.given.empty()) {
      // ":section" is one of the file that was read last.
      if (files_.empty()) return diagnostics_.ErrorAt(option, "no file was read before");
      const std::string section = file.section;
      file = files_.back();
      file.section = section;
    }
    if (file.given.find("://") != std::string::npos) {
      return diagnostics_.ErrorAt(option, "configuration is read from files only");
    }
    const std::string key = file.absolute + ":" + file.section;
    if (std::find(open_.begin(), open_.end(), key) != open_.end()) {
      return diagnostics_.ErrorAt(option, "files include each other in a circle");
    }
    Result<std::string> text = facts_.texts.Read(file.given);
    if (!text.ok() && option.file.empty()) return diagnostics_.Error(text.error().message);
    if (!text.ok()) return diagnostics_.ErrorAt(option, text.error().message);
    if (!file.given.ends_with(".ini") && LooksForeign(file.given)) {
      return diagnostics_.ErrorAt(option, "only ini files can be read");
    }
    files_.push_back(file);
    diagnostics_.Notice("[uWSGI] getting INI configuration from " + option.value);
    const MagicVariables magic(facts_.process, file, files_.front());
    const std::string section = file.section.empty() ? "uwsgi" : file.section;
    Result<IniSection> parsed = ParseIni(magic.Replace(*text), section);
    if (!parsed.ok()) {
      return diagnostics_.Error(fmt::format("{}: {}", file.given, parsed.error().message));
    }
    if (!parsed->found) {
      diagnostics_.Warning(fmt::format("{}: there is no section [{}]", file.given, section));
    }
    open_.push_back(key);
    AddLines(file, parsed->lines, on_line);
    open_.pop_back();
  }

  static bool LooksForeign(std::string_view path) {
    return path.ends_with(".xml") || path.ends_with(".yml") || path.ends_with(".yaml") ||
           path.ends_with(".json") || path.ends_with(".js");
  }

  template <typename OnLine>
  void AddLines(const FileName& file, const std::vector<IniLine>& lines, OnLine on_line) {
    std::string first_stripped;
    int stripped = 0;
    for (const IniLine& line : lines) {
      // A flag without a value may have a comment too, and the first '=' may stand in it.
      const std::string_view key = WithoutTrailingComment(line.key);
      std::string_view value = key.size() == line.key.size() ? line.value : std::string_view();
      const OptionSpec* spec = table_.Find(key);
      if (spec != nullptr && spec->strips_comment()) value = WithoutTrailingComment(value);
      const bool is_stripped = key.size() + value.size() != line.key.size() + line.value.size();
      if (is_stripped && stripped++ == 0) {
        first_stripped = fmt::format("{}:{}: the comment after {}", file.given, line.line, key);
      }
      on_line(RawOption{std::string(key), std::string(value), false, file.given, line.line});
    }
    if (stripped == 0) return;
    const std::string more = stripped > 1 ? fmt::format(" and {} more", stripped - 1) : "";
    diagnostics_.Notice(first_stripped + more +
                        " is left out (uWSGI would take it for part of the option)");
  }

  StartFacts& facts_;  // Outlives the gatherer, as do the next two.
  const OptionTable& table_;
  Diagnostics& diagnostics_;
  GatheredOptions gathered_;
  Logic logic_;
  std::vector<FileName> files_;    // In the order of reading.
  std::vector<std::string> open_;  // Files and sections that we are inside of.
};

}  // namespace

GatheredOptions GatherOptions(const std::vector<std::string>& arguments, StartFacts& facts,
                              const OptionTable& table, Diagnostics& diagnostics) {
  Gatherer gatherer(facts, table, diagnostics);
  gatherer.AddEnvironment();
  for (RawOption& option : ParseCommandLine(arguments, table, diagnostics)) {
    gatherer.Add(std::move(option));
  }
  return gatherer.Finish();
}

}  // namespace uwsgi::config
