// SPDX-License-Identifier: MIT

#include "python/app_target.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace uwsgi::python {

CallableName ParseCallableName(std::string_view text) {
  const bool call = text.ends_with("()");
  if (call) text.remove_suffix(2);
  return {std::string(text), call};
}

bool IsScript(std::string_view path) { return path.ends_with(".py") || path.ends_with(".wsgi"); }

AppTarget ParseFileTarget(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool has_callable = colon != std::string_view::npos && IsScript(text.substr(0, colon));
  if (!has_callable) return {true, std::string(text), {}};
  return {true, std::string(text.substr(0, colon)), ParseCallableName(text.substr(colon + 1))};
}

AppTarget ParseAppTarget(std::string_view text) {
  AppTarget file = ParseFileTarget(text);
  const bool is_file =
      file.place.find('/') != std::string::npos || ::access(file.place.c_str(), F_OK) == 0;
  if (IsScript(file.place) && is_file) return file;
  return ParseModuleTarget(text);
}

AppTarget ParseModuleTarget(std::string_view text) {
  if (AppTarget file = ParseFileTarget(text); file.place.ends_with(".py")) return file;
  const auto colon = text.find(':');
  AppTarget target{false, std::string(text.substr(0, colon)), {}};
  if (colon != std::string_view::npos) target.callable = ParseCallableName(text.substr(colon + 1));
  return target;
}

bool IsFolder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

Result<AppTarget> FindAppInFolder(const std::string& folder) {
  // The one that is there for servers first: it may import the other one.
  for (const char* name : {"wsgi", "app"}) {
    if (::access((folder + "/" + name + ".py").c_str(), R_OK) == 0)
      return AppTarget{false, name, {}};
  }
  std::string message = folder + " has neither wsgi.py nor app.py: name the file or the module";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (::access((entry.path() / "wsgi.py").c_str(), R_OK) != 0) continue;
    message += ", such as " + entry.path().filename().string() + ".wsgi:application";
    break;
  }
  return Error{ErrorCode::kNotFound, std::move(message)};
}

const std::vector<CallableName>& UsualCallables() {
  static const std::vector<CallableName> names = {
      {"application", false}, {"app", false}, {"create_app", true}};
  return names;
}

std::string ModuleNameOfImport(std::string_view path) {
  if (path.ends_with(".py")) path.remove_suffix(3);
  std::string name(path);
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '/'; }, '_');
  return name;
}

std::string ModuleNameOfApp(std::string_view path) {
  return "uwsgi_file_" + ModuleNameOfImport(path);
}

}  // namespace uwsgi::python
