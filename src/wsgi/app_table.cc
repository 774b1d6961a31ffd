// SPDX-License-Identifier: MIT

#include "wsgi/app_table.h"

namespace uwsgi::wsgi {
namespace {

// uWSGI's modifier for "take SCRIPT_NAME off PATH_INFO".
constexpr int kManagePathInfo = 30;

std::string_view WithoutTrailingSlash(std::string_view mountpoint) {
  if (!mountpoint.empty() && mountpoint.back() == '/') mountpoint.remove_suffix(1);
  return mountpoint;
}

// True when `path` is at or below `prefix`: "/foo" holds "/foo" and "/foo/x", not "/foobar".
bool IsBelow(std::string_view path, std::string_view prefix) {
  if (path.substr(0, prefix.size()) != prefix) return false;
  return path.size() == prefix.size() || path[prefix.size()] == '/';
}

std::string_view AppId(const Request& request) {
  std::string_view id;
  for (const Var& var : request.vars) {
    if (var.key == "UWSGI_APPID") id = var.value;
  }
  return id;
}

}  // namespace

const Application& AppTable::Add(std::string mountpoint, python::Handle callable) {
  const int id = static_cast<int>(apps_.size());
  apps_.push_back({id, std::move(mountpoint), std::move(callable)});
  return apps_.back();
}

const Application* AppTable::default_app() const {
  for (const Application& app : apps_) {
    if (app.mountpoint.empty() || app.mountpoint.front() == '/') return &app;
  }
  return nullptr;
}

const Application* AppTable::Find(std::string_view mountpoint) const {
  for (const Application& app : apps_) {
    if (app.mountpoint == mountpoint) return &app;
  }
  return options_.no_default_app ? nullptr : default_app();
}

AppChoice AppTable::Choose(const Request& request) const {
  if (options_.manage_script_name) return ChooseByPath(request);
  AppChoice choice;
  if (options_.ignore_script_name) {
    choice.app = Find("");
  } else if (options_.vhost) {
    choice.app = Find(std::string(request.host) + "|" + std::string(request.script_name));
  } else {
    choice.app = Find(request.script_name);
  }
  if (request.modifier1 == kManagePathInfo && !request.script_name.empty() &&
      IsBelow(request.path_info, request.script_name)) {
    choice.rewritten = true;
    choice.script_name = request.script_name;
    choice.path_info = request.path_info.substr(request.script_name.size());
  }
  return choice;
}

AppChoice AppTable::ChooseByPath(const Request& request) const {
  AppChoice choice;
  choice.rewritten = true;
  choice.path_info = request.path_info;
  for (const Application& app : apps_) {
    std::string_view mountpoint = app.mountpoint;
    if (options_.vhost) {
      const auto bar = mountpoint.find('|');
      if (bar == std::string_view::npos || mountpoint.substr(0, bar) != request.host) continue;
      mountpoint.remove_prefix(bar + 1);
    }
    mountpoint = WithoutTrailingSlash(mountpoint);
    const bool longer = choice.app == nullptr || mountpoint.size() > choice.script_name.size();
    if (longer && IsBelow(request.path_info, mountpoint)) {
      choice.app = &app;
      choice.script_name = mountpoint;
    }
  }
  if (choice.app != nullptr) {
    choice.path_info.remove_prefix(choice.script_name.size());
  } else if (!options_.no_default_app) {
    choice.app = default_app();
  }
  // The peer may name the application itself; what the path says stays as it is.
  if (const std::string_view id = AppId(request); !id.empty()) choice.app = Find(id);
  return choice;
}

}  // namespace uwsgi::wsgi
