// SPDX-License-Identifier: MIT

#include "zygote/process_options.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/process.h"

namespace uwsgi {

Result<void> ApplyToApplications(const ProcessOptions& options) {
  for (const std::string& name : options.unenv) ::unsetenv(name.c_str());
  for (const KeyValue& variable : options.env) {
    if (::setenv(variable.key.c_str(), variable.value.c_str(), 1) != 0) {
      return SystemError("cannot set the environment variable " + variable.key, errno);
    }
  }
  if (options.umask) ::umask(options.umask->bits);
  if (options.max_fd > 0) {
    if (auto done = os::SetOpenFileLimit(options.max_fd); !done) return done;
  }
  if (options.limit_as.count > 0) return os::SetAddressSpaceLimit(options.limit_as);
  return {};
}

Result<void> ChangeDirectory(const std::string& path) {
  if (path.empty() || ::chdir(path.c_str()) == 0) return {};
  return SystemError("cannot change to the directory " + path, errno);
}

}  // namespace uwsgi
