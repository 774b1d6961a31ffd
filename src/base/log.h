// SPDX-License-Identifier: MIT
//
// The server's own log lines. Each goes out as one write(2) to file descriptor 2,
// so lines of several processes never mix. Safe from any thread, and in a child
// right after fork: no lock is held while another thread could fork. A log that nobody
// reads costs some seconds once, and then its lines: see base/log_output.h.

#pragma once

#include <fmt/core.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace uwsgi {

enum class LogLevel { kDebug, kInfo, kNotice, kWarning, kError };

// Lines below `level` are dropped. The default is kInfo.
void SetLogLevel(LogLevel level);

// An empty format turns the date off. Otherwise every line starts with the local time
// in this strftime format and " - ", as uWSGI's log-date does.
void SetLogDate(std::string_view strftime_format);

// Lines go to `writer` instead of descriptor 2; an empty one takes that back. For a process
// that keeps one thread, as the master does.
void SetLogWriter(std::function<void(std::string_view line)> writer);

// The setters are for the start of a process, while it has one thread.

// Writes `line` with its level's mark ("warning: ", "error: ", nothing for the others) and a
// newline. A line break inside the line is kept: tracebacks have some.
void LogLine(LogLevel level, std::string_view line);
// Writes each line of `lines` as LogLine does, and all of them in one piece.
void LogLines(LogLevel level, std::string_view lines);
// What LogLine writes, date and newline included.
std::string FormatLogLine(LogLevel level, std::string_view line);

// Writes `lines`, which are whole and formatted already, to where the others go: the request log.
void WriteLog(std::string_view lines);

template <typename... Args>
void LogDebug(fmt::format_string<Args...> format, Args&&... args) {
  LogLine(LogLevel::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void LogInfo(fmt::format_string<Args...> format, Args&&... args) {
  LogLine(LogLevel::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void LogNotice(fmt::format_string<Args...> format, Args&&... args) {
  LogLine(LogLevel::kNotice, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void LogWarning(fmt::format_string<Args...> format, Args&&... args) {
  LogLine(LogLevel::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void LogError(fmt::format_string<Args...> format, Args&&... args) {
  LogLine(LogLevel::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace uwsgi
