// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <span>

namespace uwsgi::python {

// Where the calling thread is in Python, as "/srv/app.py, line 3 in <module>": the innermost frame
// of a file. Returns the size of what it wrote; 0 when nobody knows. For a signal handler: needs no
// GIL, which C code that hangs may have, and takes no lock.
std::size_t WriteStackPlace(std::span<char> into) noexcept;

}  // namespace uwsgi::python
