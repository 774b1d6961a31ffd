// SPDX-License-Identifier: MIT
//
// inih walks the file; this reader feeds it. Distributions build inih with lines of 200
// bytes, continuation by indentation, no keys without '=', ':' as a second '=' and " ;" as a
// comment, and uWSGI has none of these. So each line is brought into a form that survives
// them all: sections as they are, and for an option its line number as the key. The handler
// finds the option itself again by that number.

#include "config/ini_reader.h"

#include <ini.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "options/text.h"

namespace uwsgi::config {
namespace {

// What inih keeps of a section's name.
constexpr std::size_t kSectionLength = 49;

struct Walk {
  std::vector<std::string_view> lines;  // Trimmed.
  std::size_t next = 0;
  std::string_view section;
  IniSection result;
};

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(Trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// A section's name between its brackets; a missing second one is forgiven.
std::string_view SectionName(std::string_view line) {
  line.remove_prefix(1);
  return line.substr(0, std::min({line.find(']'), line.size(), kSectionLength}));
}

// One normalised line into inih's buffer, which has room for more than any of them.
char* ReadLine(char* buffer, int size, void* stream) {
  Walk& walk = *static_cast<Walk*>(stream);
  if (walk.next == walk.lines.size()) return nullptr;
  const std::string_view line = walk.lines[walk.next++];
  std::string normal;
  if (line.starts_with('[')) {
    const std::string_view name = SectionName(line);
    normal = "[" + std::string(name) + "]";
    if (name == walk.section) walk.result.found = true;
  } else if (!line.empty() && line.front() != ';' && line.front() != '#') {
    normal = std::to_string(walk.next) + "=";
  }
  normal += '\n';
  if (normal.size() >= static_cast<std::size_t>(size)) return nullptr;
  std::memcpy(buffer, normal.c_str(), normal.size() + 1);
  return buffer;
}

int OnOption(void* user, const char* section, const char* name, const char* /*value*/) {
  Walk& walk = *static_cast<Walk*>(user);
  if (walk.section != section) return 1;
  std::size_t number = 0;
  std::from_chars(name, name + std::strlen(name), number);
  if (number == 0 || number > walk.lines.size()) return 0;
  const std::string_view line = walk.lines[number - 1];
  const std::size_t equals = std::min(line.find('='), line.size());
  IniLine option;
  option.key = Trim(line.substr(0, equals));
  option.value = Trim(line.substr(std::min(equals + 1, line.size())));
  option.line = static_cast<int>(number);
  walk.result.lines.push_back(std::move(option));
  return 1;
}

}  // namespace

Result<IniSection> ParseIni(std::string_view text, std::string_view section) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.find('\0') != std::string_view::npos) {
    return Error{ErrorCode::kMalformed, "not a text file: it holds a NUL byte"};
  }
  Walk walk;
  walk.lines = SplitLines(text);
  walk.section = section.substr(0, kSectionLength);
  if (ini_parse_stream(ReadLine, &walk, OnOption, &walk) < 0) {
    return SystemError("cannot parse", ENOMEM);
  }
  return std::move(walk.result);
}

}  // namespace uwsgi::config
