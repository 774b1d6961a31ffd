// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace uwsgi::os {

// All of a file that a person writes, up to 16 MiB; "-" is standard input. The error calls it
// `what`, as in "the certificate "; it is kDenied where this user may not read it, and kTimeout
// when a FIFO by that name says nothing for ten seconds. A signal that stops the server does so
// while somebody's words are awaited, even if it is blocked otherwise; if it has a handler, the
// read fails.
Result<std::string> ReadFile(const std::string& path, std::string_view what = {});

}  // namespace uwsgi::os
