// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace uwsgi::os {

// All of a file that a person writes, up to 16 MiB; "-" is standard input. The error calls it
// `what`, as in "the certificate "; it is kDenied where this user may not read it.
Result<std::string> ReadFile(const std::string& path, std::string_view what = {});

}  // namespace uwsgi::os
