// SPDX-License-Identifier: MIT

#include "app/command_answers.h"

#include "app/option_table.h"
#include "options/option_docs.h"
#include "uwsgi/version.h"

namespace uwsgi {

std::optional<Result<std::string>> Answer(const CommandOptions& command,
                                          std::string_view python_version, std::size_t width) {
  const config::OptionTable& table = AllOptions();
  if (command.version) return std::string(kVersion) + "\n";
  if (command.python_version) return std::string(python_version) + "\n";
  if (command.help) return config::Help(table, command.help_group, width);
  if (!command.explain.empty()) return config::Explain(table, command.explain, width);
  if (!command.dump_options.empty()) return config::OptionsAsMarkdown(table);
  return std::nullopt;
}

}  // namespace uwsgi
