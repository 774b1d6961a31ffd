// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "base/result.h"

namespace uwsgi::config {

// All of a configuration file, up to 16 MiB; "-" is standard input.
Result<std::string> ReadFile(const std::string& path);

}  // namespace uwsgi::config
