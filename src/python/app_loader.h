// SPDX-License-Identifier: MIT
//
// Finds the application objects that the configuration names.

#pragma once

#include <Python.h>

#include <string>
#include <vector>

#include "python/app_target.h"
#include "python/handle.h"

namespace uwsgi::python {

// One application object and where it is mounted.
struct FoundApp {
  std::string mountpoint;
  Handle callable;
};

// Imports the target's module, or runs its file as a module (ModuleNameOfApp), and returns the
// object in it; or every entry of the dict `applications` of the module or of `uwsgi`, if there is
// one. A target without a callable has the first of `names` that the module has. Empty after a
// failure, which was logged with its traceback and, where one can be guessed, a remedy.
std::vector<FoundApp> LoadTarget(const AppTarget& target, const std::vector<CallableName>& names,
                                 const std::string& mountpoint);

// Imports a module, or runs a file if the text has a slash or ends in .py (ModuleNameOfImport).
// What it raises is logged and goes no further.
void ImportQuietly(const std::string& text);

}  // namespace uwsgi::python
