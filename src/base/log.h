// SPDX-License-Identifier: MIT
//
// What the server has to say. Each line goes out as one write(2) to file descriptor 2,
// so lines of several processes never mix; unless base/log_route.h says otherwise. Safe from any
// thread, and in a child right after fork: no lock is held while another thread could fork. A log
// that nobody reads costs some seconds once, and then its lines: see base/log_output.h.

#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/log_record.h"

namespace uwsgi {

// Sends the record by the log's routes.
void Log(LogRecord record);

// An empty format turns the date off. Otherwise every line starts with the local time
// in this strftime format and " - ", as uWSGI's log-date does.
void SetLogDate(std::string_view strftime_format);
// The worker that the records of this process are of.
void SetLogWorker(int worker_id);

// The setters are for the start of a process, while it has one thread.

// What a message looks like in the plain log, date and newline included.
std::string PlainLogLine(LogLevel level, std::string_view message);

template <typename... Args>
void LogInfo(fmt::format_string<Args...> format, Args&&... args) {
  Log({.text = fmt::format(format, std::forward<Args>(args)...)});
}
template <typename... Args>
void LogWarning(fmt::format_string<Args...> format, Args&&... args) {
  Log({.level = LogLevel::kWarning, .text = fmt::format(format, std::forward<Args>(args)...)});
}
template <typename... Args>
void LogError(fmt::format_string<Args...> format, Args&&... args) {
  Log({.level = LogLevel::kError, .text = fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace uwsgi
