// SPDX-License-Identifier: MIT
//
// What the C library says, in English whatever locale the application has set. Its own functions
// for these follow that locale; tests/lint/check_locale.py finds them.

#pragma once

#include <ctime>
#include <string>

namespace uwsgi {

// Appends the local time in a strftime format; nothing if that makes more than 511 bytes.
void AppendLocalTime(std::time_t time, const std::string& format, std::string& out);

// What a value of errno means.
std::string ErrorText(int errno_value);

// What an error of getaddrinfo or getnameinfo means.
std::string ResolverErrorText(int error);

// What a signal means: "Killed". Only of signals from 1 on.
std::string SignalText(int signal);

}  // namespace uwsgi
