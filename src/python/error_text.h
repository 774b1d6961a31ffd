// SPDX-License-Identifier: MIT
//
// Python's exceptions in the log.

#pragma once

#include <Python.h>

#include <string>
#include <string_view>

namespace uwsgi::python {

// Takes the pending exception, which must be there, and returns it as Python prints it: the
// traceback, then the exception's line, without the last newline. Works for SystemExit and
// KeyboardInterrupt as well, and never ends the process.
std::string TakeErrorText();

// Logs `what`, a colon and the pending exception as one error, and clears it.
void LogPythonError(std::string_view what);

}  // namespace uwsgi::python
