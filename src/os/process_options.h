// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/key_value.h"
#include "base/quantities.h"
#include "options/rows.h"

namespace uwsgi {

// Who and where the processes are.
struct ProcessOptions {
  std::string uid;
  std::string gid;
  std::vector<std::string> additional_gids;
  bool no_initgroups = false;
  std::string chdir;
  std::string chdir2;  // After the applications are loaded.
  std::optional<FileMode> umask;
  std::vector<KeyValue> env;
  std::vector<std::string> unenv;
  std::uint64_t max_fd = 0;
  MebiBytes limit_as;
  std::string procname;  // Sets every process's title.
  std::string procname_master;
  std::string procname_prefix;
  std::string procname_prefix_spaced;
  std::string procname_append;
  bool auto_procname = false;
};

namespace config {
OptionRows ProcessRows();
}  // namespace config

}  // namespace uwsgi
