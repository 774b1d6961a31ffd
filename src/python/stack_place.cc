// SPDX-License-Identifier: MIT

#include "python/stack_place.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "python/stack_writer.h"

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
  if (into.empty()) return 0;
  std::array<char, 4096> text;  // NOLINT(*-member-init): it is read into.
  std::string_view rest(text.data(), WrittenStacks(Stacks::kOfThisThread).Read(text));
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
