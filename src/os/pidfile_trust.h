// SPDX-License-Identifier: MIT
//
// Whom root believes. Whoever may signal every process must not do so because a file of
// somebody else says it: root takes a pidfile that is root's or of the server's own user, that
// nobody else may write or has a name for, and that is reached by no link but root's. For everybody
// else the kernel sees to it. What is signalled is a server, for all.

#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi::os {

// For reading. kNotFound, or kDenied with what is wrong: the name of the file is the caller's to
// add.
Result<UniqueFd> OpenPidfile(const std::string& path);

// Whether the caller may signal process `pid`, which the open pidfile names.
Result<void> MaySignal(int pidfile, pid_t pid);

}  // namespace uwsgi::os
