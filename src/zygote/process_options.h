// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "base/result.h"
#include "os/process_options.h"

namespace uwsgi {

// In the process that loads the applications, before anything of them runs: env, unenv,
// umask, max-fd and limit-as, as this generation's configuration has them.
Result<void> ApplyToApplications(const ProcessOptions& options);

// An empty path changes nothing.
Result<void> ChangeDirectory(const std::string& path);

}  // namespace uwsgi
