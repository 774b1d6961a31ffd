// SPDX-License-Identifier: MIT

#include "app/python_program.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "base/log.h"
#include "os/process_options.h"
#include "python/python_home.h"
#include "wsgi/options.h"

namespace uwsgi {
namespace {

constexpr const char* kLauncherVariable = "__UWSGI_PYTHON";  // VERSION PATH

// Beside the program, as both are in one folder of the package.
std::string ZygoteFile() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "_zygote.py";
}

// The virtual environment of that Python; empty if it is not one's.
std::filesystem::path VirtualenvOf(const std::string& python) {
  auto folder = std::filesystem::path(python).parent_path().parent_path();
  if (::access((folder / "pyvenv.cfg").c_str(), F_OK) != 0) folder.clear();
  return folder;
}

// As under pipx: the shell's environment is the site's, the server is in one of its own.
void SayIfAnotherIsActive(const std::filesystem::path& virtualenv, const std::string& active) {
  std::error_code ignored;  // One that is gone is another one, too.
  if (active.empty() || std::filesystem::equivalent(virtualenv, active, ignored)) return;
  LogInfo(
      "the application runs in {}, where this server is installed, not in $VIRTUAL_ENV, {}: "
      "--home chooses",
      virtualenv.string(), active);
}

Result<std::string> PythonOf(const Launcher& launcher, const AppOptions& options) {
  const char* variable = ::getenv("VIRTUAL_ENV");
  const std::string active = variable != nullptr ? variable : "";
  const auto virtualenv = VirtualenvOf(launcher.python);
  if (options.home.empty() && !virtualenv.empty()) {
    SayIfAnotherIsActive(virtualenv, active);
    return launcher.python;
  }
  const std::string minor = python::MajorMinor(launcher.version);
  auto home = python::ResolvePythonHome(
      options.home, active, minor,
      fmt::format("this server is for {}: install one there, {}/bin/pip install uwsgi", minor,
                  options.home));
  if (!home) return home.error();
  if (!home->virtualenv.empty()) return home->virtualenv + "/bin/python";
  if (!home->prefix.empty()) return home->prefix + "/bin/python" + minor;
  return launcher.python;
}

}  // namespace

std::optional<Launcher> TakeLauncher() {
  const char* value = ::getenv(kLauncherVariable);
  if (value == nullptr) return std::nullopt;
  const std::string_view text = value;
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  Launcher launcher{.python = std::string(text.substr(blank + 1)),
                    .version = std::string(text.substr(0, blank))};
  ::unsetenv(kLauncherVariable);
  return launcher;
}

Result<ZygoteCommand> ChoosePython(const Launcher& launcher, const config::OptionSet& options,
                                   const std::vector<std::string>& arguments) {
  const auto& app = options.Get<AppOptions>();
  const auto& process = options.Get<ProcessOptions>();
  auto python = PythonOf(launcher, app);
  if (!python) return python.error();
  // Python reads its variables as it starts, and os.environ is what it has found then.
  ZygoteCommand command{.program = *python,
                        .arguments = {*python},
                        .environment = process.env,
                        .without = process.unenv};
  if (app.no_site) command.arguments.emplace_back("-S");
  if (app.optimize > 0) {
    command.arguments.emplace_back(app.optimize > 1 ? "-OO" : "-O");
  }
  // By its path: -m and -c would put the working directory in front of the library.
  command.arguments.push_back(ZygoteFile());
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace uwsgi
