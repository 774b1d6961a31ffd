// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "static_files/open_beneath.h"
#include "static_files/options.h"

namespace uwsgi {

// `path` from `directory`; need not exist. Unchanged if `directory` is empty.
std::string AbsolutePath(const std::string& directory, const std::string& path);

// All directories and files that the options name.
void MakePathsAbsolute(const std::string& directory, StaticOptions& options);

// What follows `mount` in `path`, without its first slash; nothing when the path is elsewhere.
std::optional<std::string_view> RestBelow(std::string_view path, std::string_view mount);

// static-safe and static-follow-symlinks.
LinkPolicy MakeLinkPolicy(const StaticOptions& options);

}  // namespace uwsgi
