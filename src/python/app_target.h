// SPDX-License-Identifier: MIT
//
// How configuration names an application: one grammar, wherever it stands.
//
//   TARGET := PLACE[:CALLABLE]    PLACE := pkg.mod | a path that ends in .py or .wsgi
//   CALLABLE := NAME[.NAME...][()]    with () a factory, which is called without arguments
//
// "mysite.wsgi" may be a module or a file, and only the place where it stands can tell.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace uwsgi::python {

// The object in a module that is the application, or makes it.
struct CallableName {
  std::string path;  // "application", "site.app"
  bool call = false;

  bool empty() const { return path.empty(); }
  // As ParseCallableName reads it.
  std::string text() const { return path + (call ? "()" : ""); }

  friend bool operator==(const CallableName&, const CallableName&) = default;
};

struct AppTarget {
  bool is_file = false;
  std::string place;      // "pkg.mod", or a path.
  CallableName callable;  // Empty: whatever else the configuration says.

  friend bool operator==(const AppTarget&, const AppTarget&) = default;
};

CallableName ParseCallableName(std::string_view text);
// What stands where either is meant: x.wsgi is a file if it has a slash or is there.
AppTarget ParseAppTarget(std::string_view text);
// What stands where a module is meant: x.wsgi is one, as in every Django project; x.py is none.
AppTarget ParseModuleTarget(std::string_view text);
// What stands where a file is meant: it is one whatever its name ends in.
AppTarget ParseFileTarget(std::string_view text);

// True of what is imported as a file and not as a module.
bool IsScript(std::string_view path);

// True of a directory.
bool IsFolder(const std::string& path);
// The module of a folder that is its application: wsgi.py, or app.py. `folder` is to be on
// sys.path.
Result<AppTarget> FindAppInFolder(const std::string& folder);

// The names that are tried, in this order, where a bare argument names no callable.
const std::vector<CallableName>& UsualCallables();

// The name of the module that a file becomes, as uWSGI makes it up: pickles, job stores and logger
// settings keep it. "/srv/site_app.py" is uwsgi_file__srv_site_app, "site.wsgi"
// uwsgi_file_site_wsgi.
std::string ModuleNameOfApp(std::string_view path);
// The name for `import` and `shared-import`: the same without the prefix, _srv_site_app.
std::string ModuleNameOfImport(std::string_view path);

}  // namespace uwsgi::python
