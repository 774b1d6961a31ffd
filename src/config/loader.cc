// SPDX-License-Identifier: MIT

#include "config/loader.h"

#include <fmt/core.h>

#include <iterator>
#include <set>

#include "config/build_options.h"
#include "config/checks.h"
#include "config/diagnostics.h"
#include "config/placeholders.h"
#include "config/raw_options.h"

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
void AddDefaultSocket(Options& options, std::vector<RawOption>& raw, Diagnostics& diagnostics) {
  const std::string address = "127.0.0.1:8000";
  raw.push_back({"http", address, false, {}, 0});
  options.listen.http.push_back(address);
  diagnostics.Notice(fmt::format("no socket is configured: {} is served at http://{}/ (see --http)",
                                 options.app.serve, address));
}

}  // namespace

Result<Configuration> Load(const std::vector<std::string>& command_line, StartFacts& facts,
                           std::vector<std::string>* warnings) {
  const std::vector<std::string> arguments(command_line.begin() + 1, command_line.end());
  Diagnostics diagnostics;

  GatheredOptions gathered = GatherOptions(arguments, facts, diagnostics);
  const std::set<std::string> mentioned = Expand(gathered.options, facts.environment, diagnostics);
  // What could not be read or understood may have been the socket, or a command.
  const bool needs_socket = diagnostics.errors().empty() && !facts.inherits_socket;
  std::vector<RawOption> raw = std::move(gathered.options);
  raw.insert(raw.end(), std::make_move_iterator(gathered.inherited.begin()),
             std::make_move_iterator(gathered.inherited.end()));

  Options options = ApplyOptions(raw, diagnostics);
  for (const std::string& line : options.print) diagnostics.Notice(line);
  CheckUnknownNames(raw, mentioned, options.strict, diagnostics);
  CheckCommand(options.command, diagnostics);
  if (!IsCommand(options.command)) {
    if (needs_socket && !options.app.serve.empty() && !HasSocket(options.listen)) {
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
  Options options = ApplyOptions(*raw, diagnostics);
  CorrectOptions(options, diagnostics);
  if (!diagnostics.errors().empty()) return AllErrors(diagnostics);
  return Configuration{std::move(options), *std::move(raw), {}, {}};
}

}  // namespace uwsgi::config
