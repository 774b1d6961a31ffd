// SPDX-License-Identifier: MIT

#include "config/command_line.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "options/foreign_words.h"
#include "options/text.h"

namespace uwsgi::config {
namespace {

bool EndsWithAny(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return text.ends_with(ending); });
}

// A file, module:callable or a directory; `path` is `word` without what follows its last colon.
bool IsApplication(std::string_view word, std::string_view path, bool has_colon) {
  if (EndsWithAny(word, {".py", ".wsgi"}) || EndsWithAny(path, {".py", ".wsgi"})) return true;
  if (has_colon && !path.empty() && word.find('/') == std::string_view::npos) return true;
  struct stat status {};
  return ::stat(std::string(word).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// The option that a word without dashes stands for; empty when it is none.
std::string_view PositionalName(std::string_view word) {
  const std::string_view path = word.substr(0, word.rfind(':'));
  for (const std::string_view file : {word, path}) {
    if (EndsWithAny(file, {".ini"})) return "ini";
    if (EndsWithAny(file, {".xml"})) return "xml";
    if (EndsWithAny(file, {".yaml", ".yml"})) return "yaml";
    if (EndsWithAny(file, {".json", ".js"})) return "json";
  }
  // ":3031"
  const std::size_t colon = word.rfind(':');
  const bool has_colon = colon != std::string_view::npos && colon + 1 < word.size();
  if (has_colon && IsNumber(word.substr(colon + 1))) return "socket";
  return IsApplication(word, path, has_colon) ? "serve" : std::string_view{};
}

class Parser {
 public:
  Parser(const std::vector<std::string>& arguments, const OptionTable& table,
         Diagnostics& diagnostics)
      : arguments_(arguments), table_(table), diagnostics_(diagnostics) {}

  std::vector<RawOption> Run() {
    bool only_positional = false;
    while (next_ < arguments_.size()) {
      const std::string_view word = arguments_[next_++];
      if (only_positional || word == "-" || !word.starts_with('-')) {
        OnPositional(word);
      } else if (word == "--") {
        only_positional = true;
      } else if (word.starts_with("--")) {
        OnLong(word.substr(2));
      } else {
        OnShort(word.substr(1));
      }
    }
    return std::move(options_);
  }

 private:
  void Add(std::string_view name, std::string_view value, bool bare) {
    const OptionSpec* spec = table_.Find(name);
    const bool is_command = spec != nullptr && spec->group == Group::kCommands && !spec->is_flag();
    // As of a variable that a script has not set: no command is not what was meant.
    if (is_command && !bare && value.empty()) return NeedsValue(*spec, name);
    options_.push_back({std::string(name), std::string(value), bare, {}, 0});
  }

  void NeedsValue(const OptionSpec& spec, std::string_view name) {
    diagnostics_.Error(fmt::format("--{}: needs a value, {}", name, spec.metavar));
  }

  void OnPositional(std::string_view word) {
    // Supervisors of uWSGI's own leave such marks.
    if (word.starts_with('[')) return;
    const std::string_view name = word == "-" ? "ini" : PositionalName(word);
    if (!name.empty()) return Add(name, word, false);
    diagnostics_.Error(fmt::format(
        "{}: neither an ini file, a Python file nor module:callable (options start with --)",
        word));
  }

  // The option's own name for `word`, which may be its beginning; empty after an error.
  std::string_view Resolve(std::string_view word) {
    if (table_.Find(word) != nullptr) return word;
    std::vector<std::string_view> names = table_.NamesWithPrefix(word);
    // The shortest first: `--thread` is rather `--threads` than `--thread-stack-size`.
    std::ranges::stable_sort(names, {}, &std::string_view::size);
    const bool one_option = !names.empty() && std::all_of(names.begin(), names.end(), [&](auto n) {
      return table_.Find(n) == table_.Find(names.front());
    });
    if (one_option && !word.empty()) return names.front();
    std::string hint;
    if (const std::string_view ours = OursFor(word); !ours.empty()) {
      hint = fmt::format(": {}", ours);
    } else if (!names.empty() && !word.empty()) {
      hint = fmt::format(": could be --{} or --{}", names[0], names[1]);
    } else if (const std::string_view nearest = table_.NearestName(word); !nearest.empty()) {
      hint = fmt::format(": did you mean --{}?", nearest);
    }
    diagnostics_.Error(fmt::format("--{}: no such option{}", word, hint));
    return {};
  }

  void OnLong(std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string_view name = Resolve(word.substr(0, equals));
    if (equals != std::string_view::npos) {
      if (!name.empty()) Add(name, word.substr(equals + 1), false);
      return;
    }
    if (!name.empty()) return AddWithNextWord(*table_.Find(name), name);
    PassValueOver();
  }

  // The value of what was misspelt, most likely: one error is enough. "-" is some servers' standard
  // output.
  void PassValueOver() {
    if (next_ == arguments_.size()) return;
    const std::string& word = arguments_[next_];
    if (word.starts_with('-') && word != "-") return;
    const std::string_view name = PositionalName(word);
    if (name.empty() || name == "socket") ++next_;
  }

  void OnShort(std::string_view flags) {
    while (!flags.empty()) {
      const OptionSpec* spec = table_.FindShortFlag(flags.front());
      if (spec == nullptr) {
        const std::string_view ours = OursForFlag(flags.front());
        diagnostics_.Error(
            fmt::format("-{}: no such option{}{}", flags.front(), ours.empty() ? "" : ": ", ours));
        if (flags.size() == 1) PassValueOver();
        return;
      }
      flags.remove_prefix(1);
      if (spec->is_flag()) {
        Add(spec->name, "", true);
        continue;
      }
      if (flags.empty()) return AddWithNextWord(*spec, spec->name);
      return Add(spec->name, flags, false);
    }
  }

  void AddWithNextWord(const OptionSpec& spec, std::string_view name) {
    if (spec.is_flag()) return Add(name, "", true);
    if (spec.takes_optional_value()) {
      if (next_ == arguments_.size() || !IsValueOf(spec, arguments_[next_])) {
        return Add(name, "", true);
      }
    } else if (next_ == arguments_.size()) {
      return NeedsValue(spec, name);
    }
    Add(name, arguments_[next_++], false);
  }

  // Whether a word after an option with an optional value is that value.
  static bool IsValueOf(const OptionSpec& spec, std::string_view word) {
    if (word.empty() || word.starts_with('-')) return false;
    if (spec.field.kind == ValueKind::kNumber) return IsDigit(word.front());
    return PositionalName(word).empty() || word.find('%') != std::string_view::npos;
  }

  const std::vector<std::string>& arguments_;  // Outlives the parser, as do the next two.
  const OptionTable& table_;
  Diagnostics& diagnostics_;
  std::size_t next_ = 0;
  std::vector<RawOption> options_;
};

}  // namespace

std::vector<RawOption> ParseCommandLine(const std::vector<std::string>& arguments,
                                        const OptionTable& table, Diagnostics& diagnostics) {
  return Parser(arguments, table, diagnostics).Run();
}

}  // namespace uwsgi::config
