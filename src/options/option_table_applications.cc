// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "options/option_table.h"

namespace uwsgi::config {
namespace {

template <auto Member>
consteval Field App() {
  return To<&Options::app, Member>();
}

constexpr OptionSpec kRows[] = {
    {Group::kApplications, "module", "wsgi", 'w', "MODULE[:CALLABLE]", App<&AppOptions::module>(),
     "Module of the WSGI application; name() calls a factory.", kEveryday},
    {Group::kApplications, "wsgi-file", "file", 0, "FILE[:CALLABLE]", App<&AppOptions::wsgi_file>(),
     "Python file of the WSGI application.", kEveryday},
    {Group::kApplications, "serve", "", 0, "APP", App<&AppOptions::serve>(),
     "What a bare argument means: an application whose callable and socket are found if need be."},
    {Group::kApplications, "callable", "", 0, "NAME", App<&AppOptions::callable>(),
     "The application's name in its module or file; name() calls a factory.", kEveryday},
    {Group::kApplications, "mount", "", 0, "/PREFIX=APP", App<&AppOptions::mounts>(),
     "Serves a further application, module:callable or a file, under a prefix.", kEveryday},
    {Group::kApplications, "manage-script-name", "", 0, "", App<&AppOptions::manage_script_name>(),
     "Finds the application by the path and sets SCRIPT_NAME and PATH_INFO for it.", kEveryday},
    {Group::kApplications, "ignore-script-name", "", 0, "", App<&AppOptions::ignore_script_name>(),
     "Takes the application without a prefix whatever SCRIPT_NAME says."},
    {Group::kApplications, "no-default-app", "", 0, "", App<&AppOptions::no_default_app>(),
     "Answers 500 where no application is mounted."},
    {Group::kApplications, "need-app", "", 0, "", To<&Options::master, &MasterOptions::need_app>(),
     "Exits with status 22 when no application can be loaded.", kEveryday},
    {Group::kApplications, "no-need-app", "", 0, "",
     Not<&Options::master, &MasterOptions::need_app>(),
     "Starts even if no application can be loaded."},
    {Group::kApplications, "lazy-apps", "lazy", 0, "",
     To<&Options::master, &MasterOptions::lazy_apps>(),
     "Loads the applications in each worker instead of once before the fork.", kEveryday},
    {Group::kApplications, "home", "virtualenv venv pyhome", 'H', "DIRECTORY",
     App<&AppOptions::home>(), "Virtual environment of the applications.", kEveryday},
    {Group::kApplications, "py-sys-executable", "py-executable", 0, "FILE",
     App<&AppOptions::sys_executable>(),
     "The program that sys.executable names; by default the environment's Python."},
    {Group::kApplications, "pythonpath", "python-path pp", 0, "DIRECTORY",
     App<&AppOptions::python_path>(), "Put in front of sys.path.", kEveryday},
    {Group::kApplications, "pyargv", "", 0, "ARGUMENTS", App<&AppOptions::pyargv>(),
     "What sys.argv holds after its first item, separated by spaces."},
    {Group::kApplications, "import", "py-import pyimport python-import", 0, "MODULE",
     App<&AppOptions::imports>(), "Imports a module or file before the applications."},
    {Group::kApplications, "shared-import", "shared-py-import shared-pyimport shared-python-import",
     0, "MODULE", App<&AppOptions::shared_imports>(),
     "Imports a module or file once, before the workers are forked."},
    {Group::kApplications, "no-site", "", 0, "", App<&AppOptions::no_site>(),
     "Starts Python without its site module."},
    {Group::kApplications, "optimize", "", 'O', "LEVEL", App<&AppOptions::optimize>(),
     "Python's optimisation level, as its own -O."},
    {Group::kApplications, "wsgi-strict", "", 0, "", App<&AppOptions::wsgi_strict>(),
     "Refuses the shortcuts that uWSGI allows, such as a body returned as one bytes object."},
    {Group::kApplications, "wsgi-disable-file-wrapper", "", 0, "",
     App<&AppOptions::wsgi_disable_file_wrapper>(), "Leaves wsgi.file_wrapper out of the environ."},
    {Group::kApplications, "catch-exceptions", "", 0, "", App<&AppOptions::catch_exceptions>(),
     "Shows exceptions to the client; for debugging only."},
    {Group::kApplications, "vhost", "vhost-host", 0, "", App<&AppOptions::vhost>(),
     "Finds the application by host name and prefix."},
    {Group::kApplications, "skip-atexit", "", 0, "", App<&AppOptions::skip_atexit>(),
     "Does not run the application's exit functions."},
    {Group::kApplications, "skip-atexit-teardown", "", 0, "",
     App<&AppOptions::skip_atexit_teardown>(), "Does not tear Python down at a worker's end."},
};

}  // namespace

std::span<const OptionSpec> ApplicationRows() { return kRows; }

}  // namespace uwsgi::config
