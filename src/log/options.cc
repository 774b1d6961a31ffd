// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "log/options.h"

#include <fmt/core.h>

#include <string>

#include "log/targets.h"
#include "options/option_spec.h"
#include "options/text.h"
#include "options/value_checks.h"
#include "protocol/request_log.h"

namespace uwsgi::config {
namespace {

Result<std::string> ParseLogDate(std::string_view value) {
  return IsOff(value) ? std::string() : std::string(value);
}

// A variable that there is not may be one that the application sets.
Remark CheckLogFormat(std::string_view value) {
  std::string unknown;
  for (std::size_t at = value.find("%("); at != std::string_view::npos; at = value.find("%(", at)) {
    const std::size_t end = value.find(')', at);
    if (end == std::string_view::npos) return Wrong("a variable is not closed by ')'");
    const std::string_view name = value.substr(at + 2, end - at - 2);
    at = end;
    if (protocol::IsLogVariable(name)) continue;
    if (!unknown.empty()) unknown += ", ";
    unknown += fmt::format("%({})", name);
    const std::string_view nearest = NearestOf(protocol::LogVariableNames(), name);
    if (!nearest.empty()) unknown += fmt::format(" (did you mean %({})?)", nearest);
  }
  if (unknown.empty()) return {};
  return {Remark::Kind::kWarning,
          unknown + " is no variable of the server: - unless the application sets it"};
}

std::string LogVariables() {
  std::string names = "variables: var.NAME of the request, what the application sets,";
  for (const std::string_view one : protocol::LogVariableNames()) names += fmt::format(" {}", one);
  return names;
}

constexpr OptionSpec kRows[] = {
    {Group::kLogging, "logto", "", 0, "FILE", To<&LogOptions::logto, CheckLogPlace>(),
     "Logs to this file, or by UDP to HOST:PORT, instead of standard error.", kEveryday},
    {Group::kLogging, "logto2", "", 0, "FILE", To<&LogOptions::logto2, CheckLogPlace>(),
     "The same, opened after privileges are dropped."},
    {Group::kLogging, "logger", "", 0, "LOGGER",
     Parsed<&LogOptions::loggers, ParseLogger, CheckLogger>(),
     "Where the whole log goes, perhaps several times: stdio, file:PATH or socket:HOST:PORT."},
    {Group::kLogging, "log-maxsize", "", 0, "BYTES", To<&LogOptions::max_size>(),
     "A larger log file is renamed to FILE.UNIXTIME, and a new one begun; 0 is off."},
    {Group::kLogging, "log-backupname", "", 0, "FILE", To<&LogOptions::backup_name>(),
     "The name of the renamed file, whose predecessor it replaces."},
    {Group::kLogging, "disable-logging", "", 'L', "", To<&LogOptions::disable_logging>(),
     "Turns the request log off, but for what the following options ask for.", kEveryday},
    {Group::kLogging, "log-4xx", "", 0, "", To<&LogOptions::log_4xx>(),
     "Logs requests that were answered 4xx.", kEveryday},
    {Group::kLogging, "log-5xx", "", 0, "", To<&LogOptions::log_5xx>(),
     "Logs requests that were answered 5xx.", kEveryday},
    {Group::kLogging, "log-slow", "", 0, "MILLISECONDS", To<&LogOptions::log_slow>(),
     "Logs requests that took at least this long; 0 is off.", kEveryday},
    {Group::kLogging, "log-big", "", 0, "BYTES", To<&LogOptions::log_big>(),
     "Logs requests with a response of at least this size; 0 is off."},
    {Group::kLogging, "log-zero", "", 0, "", To<&LogOptions::log_zero>(),
     "Logs requests with an empty response."},
    {Group::kLogging, "log-sendfile", "", 0, "", To<&LogOptions::log_sendfile>(),
     "Logs responses that were files."},
    {Group::kLogging, "log-ioerror", "", 0, "", To<&LogOptions::log_ioerror>(),
     "Logs requests whose client left before the end."},
    {Group::kLogging,
     "log-format",
     "logformat",
     0,
     "FORMAT",
     To<&LogOptions::log_format, CheckLogFormat>(),
     "The request log's line; %(name) stands for a value.",
     kEveryday | kFreeText,
     {},
     Support::kSupported,
     LogVariables},
    {Group::kLogging, "log-format-strftime", "logformat-strftime", 0, "",
     To<&LogOptions::log_format_strftime>(),
     "Lets the request log's format hold strftime sequences."},
    {Group::kLogging, "log-date", "logdate log-prefix", 0, "STRFTIME",
     Parsed<&LogOptions::log_date, ParseLogDate>(),
     "Puts the time in front of the server's own lines.", kEveryday | kFreeText,
     "%a %b %e %H:%M:%S %Y"},
    {Group::kLogging, "log-micros", "", 0, "", To<&LogOptions::log_micros>(),
     "The request log counts time in microseconds."},
    {Group::kLogging, "log-x-forwarded-for", "", 0, "", To<&LogOptions::log_x_forwarded_for>(),
     "The request log shows the address of the X-Forwarded-For header."},
    {Group::kLogging, "memory-report", "", 'm', "", To<&LogOptions::memory_report>(),
     "The request log shows the worker's memory."},
};

}  // namespace

OptionRows LogRows() { return kRows; }

}  // namespace uwsgi::config
