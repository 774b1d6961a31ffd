// SPDX-License-Identifier: MIT

#include "log/targets.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

#include "base/address.h"
#include "base/ascii.h"
#include "options/text.h"
#include "options/value_checks.h"

namespace uwsgi::config {
namespace {

// "logfile=PATH,maxsize=BYTES,backupname=PATH"
Result<LogTarget> ParseFileKeys(std::string_view text) {
  LogTarget target;
  for (const std::string_view pair : Split(text, ",")) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view key = pair.substr(0, equals);
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    if (key == "logfile") {
      target.path = value;
    } else if (key == "backupname") {
      target.backup_name = value;
    } else if (key == "maxsize") {
      const Remark remark = ParseValue(value, target.max_size);
      if (remark.kind != Remark::Kind::kFine) {
        return Error{ErrorCode::kInvalid, "maxsize: " + remark.text};
      }
    } else {
      return Error{ErrorCode::kInvalid, fmt::format("does not know `{}`", key)};
    }
  }
  return target;
}

LogTarget TargetAt(const std::string& text) {
  return {text, {}, {}, ParseUdpLog(text).has_value()};
}

// The file where standard error goes in the end; empty: nowhere else.
const std::string& StandardErrorFile(const LogOptions& options, const std::string& daemonize,
                                     const std::string& daemonize2) {
  for (const std::string* path : {&options.logto2, &options.logto, &daemonize2}) {
    if (!path->empty()) return *path;
  }
  return daemonize;
}

}  // namespace

Result<Logger> ParseLogger(std::string_view text) {
  Logger logger;
  const std::size_t space = text.find(' ');
  if (space != std::string_view::npos && space > 0 &&
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(space),
                  IsAlphanumeric)) {
    logger.name = text.substr(0, space);
    text = Trim(text.substr(space));
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  logger.kind = text.substr(0, colon);
  const std::string_view argument = text.substr(std::min(colon + 1, text.size()));
  if (logger.kind == "socket" && argument.find_first_of("/,") == std::string_view::npos) {
    logger.target = TargetAt("udp:" + std::string(argument));
    if (auto udp = ParseUdpLog(logger.target.path); !*udp) return udp->error();
  }
  if (logger.kind != "file") return logger;
  if (argument.find('=') == std::string_view::npos) {
    logger.target.path = argument;
  } else {
    auto target = ParseFileKeys(argument);
    if (!target) return target.error();
    logger.target = *std::move(target);
  }
  if (logger.target.path.empty()) return Error{ErrorCode::kInvalid, "expected file:PATH"};
  return logger;
}

Remark CheckLogger(std::string_view text) {
  const Result<Logger> logger = ParseLogger(text);
  if (!logger) return {};
  if (logger->kind != "stdio" && logger->target.path.empty()) {
    return {Remark::Kind::kWarning,
            "this kind of logger is not built yet, the log goes where it goes without it"};
  }
  if (logger->name.empty() || logger->kind == "stdio") return {};
  return {Remark::Kind::kWarning,
          "a logger with a name gets what log-route sends there, which is not built yet"};
}

Remark CheckLogPlace(std::string_view text) {
  const auto udp = ParseUdpLog(text);
  return udp && !*udp ? Wrong(udp->error().message) : CheckPathLength(text);
}

void FillLogTargets(LogOptions& options, const std::string& daemonize,
                    const std::string& daemonize2) {
  const LogTarget standard = TargetAt(StandardErrorFile(options, daemonize, daemonize2));
  std::vector<LogTarget>& targets = options.targets;
  for (const Logger& logger : options.loggers) {
    if (!logger.name.empty()) continue;
    if (logger.kind == "stdio") targets.push_back(standard);
    if (!logger.target.path.empty()) targets.push_back(logger.target);
  }
  if (targets.empty()) targets.push_back(standard);
  std::vector<LogTarget> kept;
  for (LogTarget& target : targets) {
    if (!target.path.empty() && !target.is_udp && target.max_size.bytes == 0) {
      target.max_size = options.max_size;
      target.backup_name = options.backup_name;
    }
    const auto is_same = [&](const LogTarget& other) { return other.path == target.path; };
    if (std::none_of(kept.begin(), kept.end(), is_same)) kept.push_back(target);
  }
  // Nothing is to be done where everything is as it was found.
  const bool is_as_found = kept.size() == 1 && kept.front().max_size.bytes == 0 &&
                           !kept.front().is_udp &&
                           kept.front().path == (daemonize2.empty() ? daemonize : daemonize2);
  if (is_as_found) kept.clear();
  targets = std::move(kept);
}

}  // namespace uwsgi::config
