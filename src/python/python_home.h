// SPDX-License-Identifier: MIT
//
// Finds out, before the interpreter starts, whether an environment can work with it: an
// interpreter with a wrong home ends the process with pages of its own text.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace uwsgi::python {

// "3.11" of "3.11.2.final.0".
std::string MajorMinor(std::string_view version);

struct PythonHome {
  std::string virtualenv;  // Holds pyvenv.cfg; empty when the home is a base prefix.
  std::string prefix;      // Holds lib/pythonX.Y; empty: the embedded Python's own.
};

// Checks `home` (a venv, virtualenv or uv environment, or a base prefix) for Python
// `version`, as "3.11". An empty `home` stands for `$VIRTUAL_ENV`, given as `active_env`, which is
// passed over with a warning if it does not fit; when both are empty the result is empty. `remedy`
// says of one of another version what this server is for, and what to do.
//
// Permissions are checked for the calling user: call it after privileges are dropped.
Result<PythonHome> ResolvePythonHome(const std::string& home, const std::string& active_env,
                                     const std::string& version, const std::string& remedy);

}  // namespace uwsgi::python
