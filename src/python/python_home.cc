// SPDX-License-Identifier: MIT

#include "python/python_home.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "base/c_locale.h"
#include "base/log.h"

namespace uwsgi::python {
namespace {

bool IsReadable(const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The version that made the environment: `version` (venv) or `version_info` (virtualenv, uv).
std::string VenvVersion(const std::string& config_file) {
  std::ifstream file(config_file);
  std::string line;
  while (std::getline(file, line)) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view key = Trim(std::string_view(line).substr(0, equals));
    if (key == "version" || key == "version_info") {
      return MajorMinor(Trim(std::string_view(line).substr(equals + 1)));
    }
  }
  return {};
}

Error Invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }

Result<void> CheckDirectory(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return Invalid(fmt::format("cannot use the Python environment {}: {} (see --home)", path,
                               ErrorText(errno)));
  }
  if (!S_ISDIR(status.st_mode)) {
    return Invalid(
        fmt::format("cannot use the Python environment {}: not a directory (see --home)", path));
  }
  if (::access(path.c_str(), R_OK | X_OK) != 0) {
    return Invalid(fmt::format("cannot use the Python environment {}: not readable by uid {}", path,
                               ::geteuid()));
  }
  return {};
}

Result<PythonHome> Inspect(const std::string& path, const std::string& version,
                           const std::string& remedy) {
  if (auto usable = CheckDirectory(path); !usable) return std::move(usable).error();
  const std::string library = path + "/lib/python" + version;
  const std::string config_file = path + "/pyvenv.cfg";
  struct stat status {};
  if (::stat(config_file.c_str(), &status) != 0) {
    if (IsReadable(library + "/os.py")) return PythonHome{.virtualenv = "", .prefix = path};
    return Invalid(fmt::format(
        "{} is not an environment of Python {}: it has neither pyvenv.cfg nor lib/python{}/os.py",
        path, version, version));
  }
  if (!IsReadable(config_file)) {
    return Invalid(
        fmt::format("cannot use the Python environment {}: pyvenv.cfg is not readable "
                    "by uid {}",
                    path, ::geteuid()));
  }
  const std::string made_by = VenvVersion(config_file);
  const bool fits = made_by.empty() ? ::access(library.c_str(), X_OK) == 0 : made_by == version;
  if (!fits) {
    return Invalid(fmt::format("{} is an environment of Python {}, {}", path,
                               made_by.empty() ? "another version" : made_by, remedy));
  }
  // sys.executable is made from it, and the application may change the directory.
  std::error_code ignored;
  const std::string absolute = std::filesystem::absolute(path, ignored).string();
  return PythonHome{.virtualenv = absolute.empty() ? path : absolute, .prefix = ""};
}

}  // namespace

std::string MajorMinor(std::string_view version) {
  const auto first = version.find('.');
  if (first == std::string_view::npos) return std::string(version);
  return std::string(version.substr(0, version.find('.', first + 1)));
}

Result<PythonHome> ResolvePythonHome(const std::string& home, const std::string& active_env,
                                     const std::string& version, const std::string& remedy) {
  if (!home.empty()) return Inspect(home, version, remedy);
  if (active_env.empty()) return PythonHome{};
  auto found = Inspect(active_env, version, remedy);
  if (found) return found;
  LogWarning("$VIRTUAL_ENV is passed over: {}", found.error().message);
  return PythonHome{};
}

}  // namespace uwsgi::python
