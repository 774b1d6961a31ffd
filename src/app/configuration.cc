// SPDX-License-Identifier: MIT

#include "app/configuration.h"

#include <fmt/core.h>

#include <iterator>
#include <set>

#include "app/command_options.h"
#include "app/option_checks.h"
#include "app/option_table.h"
#include "config/build_options.h"
#include "config/checks.h"
#include "config/diagnostics.h"
#include "config/options.h"
#include "config/placeholders.h"
#include "config/raw_options.h"
#include "config/raw_options_codec.h"
#include "os/listen_options.h"
#include "wsgi/options.h"

namespace uwsgi::config {
namespace {

Error AllErrors(const Diagnostics& diagnostics) {
  std::string lines;
  for (const std::string& error : diagnostics.errors()) {
    if (!lines.empty()) lines += '\n';
    lines += error;
  }
  return {ErrorCode::kInvalid, std::move(lines)};
}

// An application on the command line can be looked at without any configuration, from this machine.
void AddDefaultSocket(OptionSet& options, std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  const std::string address = "127.0.0.1:8000";
  raw.push_back({"http", address, false, {}, 0});
  options.Change<ListenOptions>().http.push_back(address);
  diagnostics.Notice(fmt::format("no socket is configured: {} is served at http://{}/ (see --http)",
                                 options.Get<AppOptions>().serve, address));
}

}  // namespace

Result<Configuration> Load(const std::vector<std::string>& command_line, StartFacts& facts,
                           std::vector<std::string>* warnings) {
  const std::vector<std::string> arguments(command_line.begin() + 1, command_line.end());
  Diagnostics diagnostics;

  GatheredOptions gathered = GatherOptions(arguments, facts, AllOptions(), diagnostics);
  const std::set<std::string> mentioned = Expand(gathered.options, facts.environment, diagnostics);
  // What could not be read or understood may have been the socket, or a command.
  const bool needs_socket = diagnostics.errors().empty() && !facts.inherits_socket;
  std::vector<RawOption> raw = std::move(gathered.options);
  raw.insert(raw.end(), std::make_move_iterator(gathered.inherited.begin()),
             std::make_move_iterator(gathered.inherited.end()));

  OptionSet options = ApplyOptions(raw, AllOptions(), diagnostics);
  SettleOptions(options);
  const LanguageOptions& language = options.Get<LanguageOptions>();
  const CommandOptions& command = options.Get<CommandOptions>();
  for (const std::string& line : language.print) diagnostics.Notice(line);
  CheckUnknownNames(raw, AllOptions(), mentioned, language.strict, diagnostics);
  CheckCommand(command, diagnostics);
  if (!IsCommand(command)) {
    if (needs_socket && !options.Get<AppOptions>().serve.empty() && !HasSocket(raw)) {
      AddDefaultSocket(options, raw, diagnostics);
    }
    CorrectOptions(options, diagnostics);
    CheckOptions(options, raw, needs_socket, diagnostics);
  }
  if (warnings != nullptr) *warnings = diagnostics.warnings();
  if (!diagnostics.errors().empty()) return AllErrors(diagnostics);
  return Configuration{std::move(options), std::move(raw), diagnostics.warnings(),
                       diagnostics.notices()};
}

Result<Configuration> Rebuild(std::string_view encoded) {
  auto raw = DecodeRawOptions(encoded);
  if (!raw) return raw.error();
  Diagnostics diagnostics;
  OptionSet options = ApplyOptions(*raw, AllOptions(), diagnostics);
  SettleOptions(options);
  CorrectOptions(options, diagnostics);
  if (!diagnostics.errors().empty()) return AllErrors(diagnostics);
  return Configuration{std::move(options), *std::move(raw), {}, {}};
}

}  // namespace uwsgi::config
