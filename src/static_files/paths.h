// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "static_files/open_beneath.h"
#include "uwsgi/options.h"

namespace uwsgi {

// From the working directory of now. Need not exist.
std::string AbsolutePath(const std::string& path);

// What follows `mount` in `path`, without its first slash; nothing when the path is elsewhere.
std::optional<std::string_view> RestBelow(std::string_view path, std::string_view mount);

// static-safe and static-follow-symlinks.
LinkPolicy MakeLinkPolicy(const StaticOptions& options);

}  // namespace uwsgi
