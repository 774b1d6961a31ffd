// SPDX-License-Identifier: MIT
//
// Finds the application objects that the configuration names.

#pragma once

#include <Python.h>

#include <string>
#include <string_view>
#include <vector>

#include "python/handle.h"

namespace uwsgi::python {

// Where an application is: a module or a file, and the object in it.
struct AppTarget {
  bool is_file = false;
  std::string place;     // "pkg.mod" or a path.
  std::string callable;  // "application", "factory" or "site.app"; empty: the default's name.
  bool call = false;     // The object is a factory: call it without arguments.

  friend bool operator==(const AppTarget&, const AppTarget&) = default;
};

// "pkg.mod", "pkg.mod:name", "pkg.mod:factory()".
AppTarget ParseModuleTarget(std::string_view text);
// The same, or a path that ends in .py or .wsgi, with or without ":name".
AppTarget ParseMountTarget(std::string_view text);

// One application object and where it is mounted.
struct FoundApp {
  std::string mountpoint;
  Handle callable;
};

// Imports the target's module, or runs its file as module `uwsgi_file_<path>`, and
// returns the object in it; or every entry of the dict `applications` of the module or of
// `uwsgi`, if there is one. Empty after a failure, which was logged with its traceback.
std::vector<FoundApp> LoadTarget(const AppTarget& target, const std::string& default_callable,
                                 const std::string& mountpoint);

// Imports a module, or runs a file if the text has a slash or ends in .py. What it raises is
// logged and goes no further.
void ImportQuietly(const std::string& name);

}  // namespace uwsgi::python
