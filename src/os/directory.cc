// SPDX-License-Identifier: MIT

#include "os/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/c_locale.h"
#include "base/log.h"

namespace uwsgi::os {
namespace {

bool IsSameDirectory(const UniqueFd& one, const UniqueFd& other) {
  struct stat first {};
  struct stat second {};
  return ::fstat(one.get(), &first) == 0 && ::fstat(other.get(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// Through /proc, which asks for no permission to search it, as "." does.
UniqueFd OpenCurrentDirectory() {
  return UniqueFd(::open("/proc/self/cwd", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

Directory CurrentDirectory() {
  std::error_code is_gone;
  return {std::filesystem::current_path(is_gone).string(), OpenCurrentDirectory()};
}

InDirectory::InDirectory(const Directory& there)
    : before_(OpenCurrentDirectory()),
      moves_(before_.valid() && !IsSameDirectory(before_, there.fd)) {
  if (moves_ && ::fchdir(there.fd.get()) != 0) {
    LogWarning("cannot go to where the server was started: {}; relative paths may not be found",
               ErrorText(errno));
  }
}

InDirectory::~InDirectory() {
  if (moves_ && ::fchdir(before_.get()) != 0) {
    LogWarning("cannot go back to the server's directory: {}", ErrorText(errno));
  }
}

}  // namespace uwsgi::os
