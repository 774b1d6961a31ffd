// SPDX-License-Identifier: MIT
//
// The loaded applications and which of them a request is for.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "python/handle.h"
#include "uwsgi/request.h"
#include "wsgi/options.h"

namespace uwsgi::wsgi {

struct Application {
  int id = 0;
  std::string mountpoint;  // As configured.
  python::Handle callable;
};

struct AppChoice {
  const Application* app = nullptr;  // Null when no application serves this.
  // With `rewritten`, what SCRIPT_NAME and PATH_INFO are for the application. The views
  // point into the request and the table.
  bool rewritten = false;
  std::string_view script_name;
  std::string_view path_info;
};

// Filled while applications are loaded, then only read.
class AppTable {
 public:
  // `options` outlive the table.
  explicit AppTable(const AppOptions& options) : options_(options) {}

  // Ids count up from 0.
  const Application& Add(std::string mountpoint, python::Handle callable);

  AppChoice Choose(const Request& request) const;

  const std::vector<Application>& all() const { return apps_; }
  // The first application at "" or below "/": it serves what no mount point fits. Null if none.
  const Application* default_app() const;

 private:
  AppChoice ChooseByPath(const Request& request) const;
  const Application* Find(std::string_view mountpoint) const;

  const AppOptions& options_;      // Outlives this.
  std::vector<Application> apps_;  // In the order of loading.
};

}  // namespace uwsgi::wsgi
