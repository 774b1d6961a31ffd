// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "options/option_table.h"

namespace uwsgi::config {
namespace {

template <auto Member>
consteval Field Log() {
  return To<&Options::log, Member>();
}

constexpr OptionSpec kRows[] = {
    {Group::kLogging, "logto", "", 0, "FILE", Log<&LogOptions::logto>(),
     "Logs to this file, or by UDP to HOST:PORT, instead of standard error.", kEveryday},
    {Group::kLogging, "logto2", "", 0, "FILE", Log<&LogOptions::logto2>(),
     "The same, opened after privileges are dropped."},
    {Group::kLogging, "logger", "", 0, "LOGGER", Log<&LogOptions::loggers>(),
     "Where the whole log goes, perhaps several times: stdio, file:PATH or socket:HOST:PORT."},
    {Group::kLogging, "log-maxsize", "", 0, "BYTES", Log<&LogOptions::max_size>(),
     "A larger log file is renamed to FILE.UNIXTIME, and a new one begun; 0 is off."},
    {Group::kLogging, "log-backupname", "", 0, "FILE", Log<&LogOptions::backup_name>(),
     "The name of the renamed file, whose predecessor it replaces."},
    {Group::kLogging, "disable-logging", "", 'L', "", Log<&LogOptions::disable_logging>(),
     "Turns the request log off, but for what the following options ask for.", kEveryday},
    {Group::kLogging, "log-4xx", "", 0, "", Log<&LogOptions::log_4xx>(),
     "Logs requests that were answered 4xx.", kEveryday},
    {Group::kLogging, "log-5xx", "", 0, "", Log<&LogOptions::log_5xx>(),
     "Logs requests that were answered 5xx.", kEveryday},
    {Group::kLogging, "log-slow", "", 0, "MILLISECONDS", Log<&LogOptions::log_slow>(),
     "Logs requests that took at least this long; 0 is off.", kEveryday},
    {Group::kLogging, "log-big", "", 0, "BYTES", Log<&LogOptions::log_big>(),
     "Logs requests with a response of at least this size; 0 is off."},
    {Group::kLogging, "log-zero", "", 0, "", Log<&LogOptions::log_zero>(),
     "Logs requests with an empty response."},
    {Group::kLogging, "log-sendfile", "", 0, "", Log<&LogOptions::log_sendfile>(),
     "Logs responses that were files."},
    {Group::kLogging, "log-ioerror", "", 0, "", Log<&LogOptions::log_ioerror>(),
     "Logs requests whose client left before the end."},
    {Group::kLogging, "log-format", "logformat", 0, "FORMAT", Log<&LogOptions::log_format>(),
     "The request log's line; %(name) stands for a value.", kEveryday | kFreeText},
    {Group::kLogging, "log-format-strftime", "logformat-strftime", 0, "",
     Log<&LogOptions::log_format_strftime>(),
     "Lets the request log's format hold strftime sequences."},
    {Group::kLogging, "log-date", "logdate log-prefix", 0, "STRFTIME", Log<&LogOptions::log_date>(),
     "Puts the time in front of the server's own lines.", kEveryday | kFreeText,
     "%a %b %e %H:%M:%S %Y"},
    {Group::kLogging, "log-micros", "", 0, "", Log<&LogOptions::log_micros>(),
     "The request log counts time in microseconds."},
    {Group::kLogging, "log-x-forwarded-for", "", 0, "", Log<&LogOptions::log_x_forwarded_for>(),
     "The request log shows the address of the X-Forwarded-For header."},
    {Group::kLogging, "memory-report", "", 'm', "", Log<&LogOptions::memory_report>(),
     "The request log shows the worker's memory."},
};

}  // namespace

std::span<const OptionSpec> LoggingRows() { return kRows; }

}  // namespace uwsgi::config
