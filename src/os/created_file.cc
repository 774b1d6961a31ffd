// SPDX-License-Identifier: MIT

#include "os/created_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/log.h"

namespace uwsgi::os {
namespace {

bool Vacuum(const CreatedFile& file, std::string_view what) {
  struct stat now;
  if (lstat(file.path.c_str(), &now) != 0) return false;
  if (!file.IsStillThere()) {
    LogInfo("VACUUM WARNING: {} changed inode. Skip removal", what);
    return false;
  }
  if (unlink(file.path.c_str()) != 0) {
    LogWarning("{}",
               SystemError(fmt::format("VACUUM: cannot remove {}", file.path), errno).message);
    return false;
  }
  LogInfo("VACUUM: {} removed.", what);
  return true;
}

}  // namespace

Result<CreatedFile> CreatedFile::At(const std::string& path) {
  struct stat now;
  if (lstat(path.c_str(), &now) != 0) return SystemError("cannot stat " + path, errno);
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  if (error) return SystemError("cannot find the directory of " + path, error.value());
  return CreatedFile{absolute.string(), now.st_dev, now.st_ino};
}

bool CreatedFile::IsStillThere() const {
  struct stat now;
  return lstat(path.c_str(), &now) == 0 && now.st_dev == device && now.st_ino == inode;
}

bool VacuumPidfile(const CreatedFile& file) { return Vacuum(file, "pidfile"); }

bool VacuumUnixSocket(const CreatedFile& file) { return Vacuum(file, "unix socket " + file.path); }

}  // namespace uwsgi::os
