// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "options/rows.h"

namespace uwsgi {

// What the command line asks for instead of serving.
struct CommandOptions {
  std::string stop;
  std::string reload;
  bool wait = false;  // With stop and reload: return when it is done.
  bool version = false;
  bool python_version = false;
  bool help = false;
  std::string help_group;
  std::string explain;
  std::string dump_options;  // md
  bool show_config = false;
  bool check_config = false;
};

namespace config {
OptionRows CommandRows();
}  // namespace config

}  // namespace uwsgi
