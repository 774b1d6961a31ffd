// SPDX-License-Identifier: MIT
//
// Python's exceptions in the log.

#pragma once

#include <Python.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace uwsgi::python {

// Takes the pending exception, which must be there, and returns it as Python prints it: the
// traceback, then the exception's line, without the last newline. Works for SystemExit and
// KeyboardInterrupt as well, and never ends the process.
std::string TakeErrorText();

// An error's text as it follows the first line of a log message: each of its lines begins with two
// spaces, so that none can pass for one of the server's, and control bytes but TAB are \xNN. An
// exception's message is the application's, and may hold what a client has sent.
std::string Indented(std::string_view error_text);

// Logs `what`, a colon and the indented text of an error as one record. Request::id, 0 outside of
// one.
void LogTraceback(std::string_view what, std::string_view error_text, std::uint64_t request_id = 0);

// Logs `what` and the pending exception likewise, and clears it.
void LogPythonError(std::string_view what);

}  // namespace uwsgi::python
