// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "wsgi/options.h"

#include "options/option_spec.h"
#include "options/value_checks.h"

namespace uwsgi {

Result<Mount> ParseMount(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return Error{ErrorCode::kInvalid, "expected /PREFIX=APP"};
  }
  return Mount{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

namespace config {
namespace {

constexpr OptionSpec kRows[] = {
    {Group::kApplications, "module", "wsgi", 'w', "MODULE[:CALLABLE]", To<&AppOptions::module>(),
     "Module of the WSGI application; name() calls a factory.", kEveryday},
    {Group::kApplications, "wsgi-file", "file", 0, "FILE[:CALLABLE]", To<&AppOptions::wsgi_file>(),
     "Python file of the WSGI application.", kEveryday},
    {Group::kApplications, "serve", "", 0, "APP", To<&AppOptions::serve>(),
     "What a bare argument means: an application whose callable and socket are found if need be."},
    {Group::kApplications, "callable", "", 0, "NAME", To<&AppOptions::callable>(),
     "The application's name in its module or file; name() calls a factory.", kEveryday},
    {Group::kApplications, "mount", "", 0, "/PREFIX=APP", Parsed<&AppOptions::mounts, ParseMount>(),
     "Serves a further application, module:callable or a file, under a prefix.", kEveryday},
    {Group::kApplications, "manage-script-name", "", 0, "", To<&AppOptions::manage_script_name>(),
     "Finds the application by the path and sets SCRIPT_NAME and PATH_INFO for it.", kEveryday},
    {Group::kApplications, "ignore-script-name", "", 0, "", To<&AppOptions::ignore_script_name>(),
     "Takes the application without a prefix whatever SCRIPT_NAME says."},
    {Group::kApplications, "no-default-app", "", 0, "", To<&AppOptions::no_default_app>(),
     "Answers 500 where no application is mounted."},
    {Group::kApplications, "need-app", "", 0, "", To<&AppOptions::need_app>(),
     "Exits with status 22 when no application can be loaded.", kEveryday},
    {Group::kApplications, "no-need-app", "", 0, "", Not<&AppOptions::need_app>(),
     "Starts even if no application can be loaded."},
    {Group::kApplications, "lazy-apps", "lazy", 0, "", To<&AppOptions::lazy_apps>(),
     "Loads the applications in each worker instead of once before the fork.", kEveryday},
    {Group::kApplications, "home", "virtualenv venv pyhome", 'H', "DIRECTORY",
     To<&AppOptions::home, CheckPathLength>(), "Virtual environment of the applications.",
     kEveryday},
    {Group::kApplications, "py-sys-executable", "py-executable", 0, "FILE",
     To<&AppOptions::sys_executable>(),
     "The program that sys.executable names; by default the environment's Python."},
    {Group::kApplications, "pythonpath", "python-path pp", 0, "DIRECTORY",
     To<&AppOptions::python_path>(), "Put in front of sys.path.", kEveryday},
    {Group::kApplications, "pyargv", "", 0, "ARGUMENTS", To<&AppOptions::pyargv>(),
     "What sys.argv holds after its first item, separated by spaces."},
    {Group::kApplications, "import", "py-import pyimport python-import", 0, "MODULE",
     To<&AppOptions::imports>(), "Imports a module or file before the applications."},
    {Group::kApplications, "shared-import", "shared-py-import shared-pyimport shared-python-import",
     0, "MODULE", To<&AppOptions::shared_imports>(),
     "Imports a module or file once, before the workers are forked."},
    {Group::kApplications, "no-site", "", 0, "", To<&AppOptions::no_site>(),
     "Starts Python without its site module."},
    {Group::kApplications, "optimize", "", 'O', "LEVEL", To<&AppOptions::optimize>(),
     "Python's optimisation level, as its own -O."},
    {Group::kApplications, "wsgi-strict", "", 0, "", To<&AppOptions::wsgi_strict>(),
     "Refuses the shortcuts that uWSGI allows, such as a body returned as one bytes object."},
    {Group::kApplications, "wsgi-disable-file-wrapper", "", 0, "",
     To<&AppOptions::wsgi_disable_file_wrapper>(), "Leaves wsgi.file_wrapper out of the environ."},
    {Group::kApplications, "catch-exceptions", "", 0, "", To<&AppOptions::catch_exceptions>(),
     "Shows exceptions to the client; for debugging only."},
    {Group::kApplications, "vhost", "vhost-host", 0, "", To<&AppOptions::vhost>(),
     "Finds the application by host name and prefix."},
    {Group::kApplications, "skip-atexit", "", 0, "", To<&AppOptions::skip_atexit>(),
     "Does not run the application's exit functions."},
    {Group::kApplications, "skip-atexit-teardown", "", 0, "",
     To<&AppOptions::skip_atexit_teardown>(), "Does not tear Python down at a worker's end."},
};

constexpr OptionSpec kHeapRows[] = {
    {Group::kProcesses, "gc-freeze", "", 0, "", To<&AppOptions::gc_freeze>(),
     "Keeps what the application imported out of garbage collection, so workers share it."},
    {Group::kProcesses, "no-gc-freeze", "", 0, "", Not<&AppOptions::gc_freeze>(),
     "Leaves what the application imported to the garbage collector."},
};

constexpr OptionSpec kResponseLimitRows[] = {
    {Group::kRequests, "response-headers-limit", "", 0, "BYTES",
     To<&AppOptions::response_headers_limit>(),
     "Limit of the header text of an application's response."},
};

}  // namespace

OptionRows ApplicationRows() { return kRows; }
OptionRows HeapRows() { return kHeapRows; }
OptionRows ResponseLimitRows() { return kResponseLimitRows; }

}  // namespace config
}  // namespace uwsgi
