// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace uwsgi::os {

// A file that this server made and removes at its end (vacuum), if it still is the same one.
struct CreatedFile {
  std::string path;  // Absolute: a later chdir does not matter.
  dev_t device = 0;
  ino_t inode = 0;

  // Remembers the file that is at `path` now.
  static Result<CreatedFile> At(const std::string& path);
  // True while `path` is this file and no other.
  bool IsStillThere() const;
};

// Unlinks the file unless somebody put another one in its place, and logs uWSGI's line:
// "VACUUM: pidfile removed." / "VACUUM: unix socket X removed.". True when it was removed.
// A file that is already gone is not worth a line.
bool VacuumPidfile(const CreatedFile& file);
bool VacuumUnixSocket(const CreatedFile& file);

}  // namespace uwsgi::os
