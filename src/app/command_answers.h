// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "app/command_options.h"
#include "base/result.h"

namespace uwsgi {

// What a command that only prints has to say: --version, --python-version, --help, --explain,
// --dump-options, in lines of `width`. Nothing without one.
std::optional<Result<std::string>> Answer(const CommandOptions& command,
                                          std::string_view python_version, std::size_t width);

}  // namespace uwsgi
