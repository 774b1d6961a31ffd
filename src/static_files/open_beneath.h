// SPDX-License-Identifier: MIT
//
// Opens files below a directory, and nothing else.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace uwsgi {

// True for a relative path that is written in its only spelling: segments between single slashes,
// none of them empty, "." or "..", no NUL. One slash may follow the last segment. The empty path is
// plain too: it is the root itself.
bool IsPlainPath(std::string_view relative);

// Opens `relative`, a plain path, below the directory `root` for reading; no descriptor if it can
// not be opened for whatever reason.
//
// Symbolic links may lead to anywhere below `root` or below one of `safe_dirs` (static-safe), and
// to nowhere else. Never waits for a FIFO's writer. `root` is looked up anew each time, so it may
// appear later or be a link that a deployment switches.
UniqueFd OpenBeneath(const std::string& root, const std::string& relative,
                     std::span<const std::string> safe_dirs);

}  // namespace uwsgi
