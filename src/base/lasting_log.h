// SPDX-License-Identifier: MIT

#pragma once

#include <utility>

#include "base/log.h"

namespace uwsgi {

// True if a line with this format is due: the first, and one ten minutes after the last.
bool IsLastingLogDue(const void* format);

// A condition that lasts and that one request after the other runs into, such as a full disk: one
// line in ten minutes for each format. The line says what to do about it. Thread-safe.
template <typename... Args>
void LogLasting(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  const fmt::string_view text = format;
  if (!IsLastingLogDue(text.data())) return;
  Log({.level = level, .text = fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace uwsgi
