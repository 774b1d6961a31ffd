// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/rows.h"

namespace uwsgi {

// "/PREFIX=APP": a module or a file, and where its application is.
struct Mount {
  std::string prefix;
  std::string app;
};
Result<Mount> ParseMount(std::string_view text);

// The applications, and how Python is started for them.
struct AppOptions {
  std::string module;     // module, wsgi, -w: pkg.mod[:callable]
  std::string wsgi_file;  // wsgi-file, file
  std::string serve;      // What a bare argument says: a module, a file or a directory.
  std::string callable = "application";
  std::vector<Mount> mounts;
  bool manage_script_name = false;  // Mount points are found in PATH_INFO.
  bool ignore_script_name = false;
  bool no_default_app = false;
  std::vector<std::string> python_path;
  std::string home;            // home, virtualenv, venv, pyhome, -H
  std::string sys_executable;  // py-sys-executable
  std::string pyargv;
  std::vector<std::string> imports;
  std::vector<std::string> shared_imports;
  bool wsgi_strict = false;  // A body must be an iterable of bytes.
  bool wsgi_disable_file_wrapper = false;
  bool catch_exceptions = false;  // Tracebacks go to the client.
  bool no_site = false;
  int optimize = 0;
  bool vhost = false;  // Mount points are "host|/path".
  bool skip_atexit = false;
  bool skip_atexit_teardown = false;
  bool need_app = true;
  bool lazy_apps = false;
  bool gc_freeze = true;
  std::uint64_t response_headers_limit = 65536;
};

namespace config {
OptionRows ApplicationRows();
OptionRows HeapRows();
OptionRows ResponseLimitRows();
}  // namespace config

}  // namespace uwsgi
