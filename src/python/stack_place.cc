// SPDX-License-Identifier: MIT

#include "python/stack_place.h"

#include <Python.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

// Exported by libpython for its own faulthandler module; a shared library may hide it.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): CPython's.
extern "C" __attribute__((weak)) void _Py_DumpTraceback(int fd, PyThreadState* state);

namespace uwsgi::python {
namespace {

constexpr std::string_view kFrame = "  File \"";

// The frame of a line `  File "/srv/app.py", line 3 in <module>`; empty for frozen modules and
// other lines.
std::string_view FrameIn(std::string_view line) {
  if (!line.starts_with(kFrame)) return {};
  line.remove_prefix(kFrame.size());
  return line.starts_with('<') ? std::string_view() : line;
}

}  // namespace

std::size_t WriteStackPlace(std::span<char> into) noexcept {
  PyThreadState* const state = PyGILState_GetThisThreadState();
  int ends[2];
  if (_Py_DumpTraceback == nullptr || state == nullptr || into.empty()) return 0;
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return 0;
  _Py_DumpTraceback(ends[1], state);
  std::array<char, 4096> text;  // NOLINT(*-member-init): it is read into.
  const ssize_t got = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  ::close(ends[1]);
  std::string_view rest(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view frame = FrameIn(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    if (frame.empty()) continue;
    std::size_t size = 0;
    for (const char c : frame) {  // Without the quote that ends the name.
      if (c != '"' && size < into.size()) into[size++] = c;
    }
    return size;
  }
  return 0;
}

}  // namespace uwsgi::python
