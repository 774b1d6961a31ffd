// SPDX-License-Identifier: MIT

#include "config/magic_variables.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <array>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "base/ascii.h"
#include "options/text.h"

namespace uwsgi::config {
namespace {

// Bernstein's string hash with exclusive or, its bytes in hexadecimal, lowest first.
std::string Hash(std::string_view text) {
  std::uint32_t hash = 5381;
  for (const char c : text) hash = ((hash << 5) + hash) ^ static_cast<unsigned char>(c);
  return fmt::format("{:02X}{:02X}{:02X}{:02X}", hash & 0xff, (hash >> 8) & 0xff,
                     (hash >> 16) & 0xff, hash >> 24);
}

}  // namespace

FileName FileName::Parse(std::string_view argument) {
  FileName file;
  const std::size_t colon = argument.rfind(':');
  // Not every colon is a section's: a path may hold some, a section's name no slash.
  if (colon != std::string_view::npos && argument.find('/', colon) == std::string_view::npos) {
    file.section = argument.substr(colon + 1);
    argument = argument.substr(0, colon);
  }
  file.given = argument;
  std::array<char, PATH_MAX> resolved{};
  if (file.given.size() < PATH_MAX && realpath(file.given.c_str(), resolved.data()) != nullptr) {
    file.absolute = resolved.data();
  } else {
    std::error_code ignored;
    file.absolute = std::filesystem::absolute(file.given, ignored).string();
  }
  struct stat status {};
  if (stat(file.absolute.c_str(), &status) == 0) file.inode = status.st_ino;
  return file;
}

MagicVariables::MagicVariables(const os::ProcessFacts& facts, const FileName& file,
                               const FileName& first)
    : values_(facts.ByLetter()) {
  AddFile(file, false);
  AddFile(first, true);
}

void MagicVariables::AddFile(const FileName& file, bool upper_case) {
  const std::string_view path = file.absolute;
  const std::string_view base = BaseName(path);
  const std::string_view directory = path.substr(0, path.size() - base.size());
  const std::size_t dot = base.rfind('.');
  const auto add = [&](char letter, std::string_view value) {
    values_[upper_case ? ToUpper(letter) : letter] = value;
  };
  add('o', file.given);
  add('p', path);
  add('s', base);
  add('d', directory);
  add('c', directory.size() > 1 ? BaseName(directory.substr(0, directory.size() - 1)) : "");
  add('e', dot == std::string_view::npos ? "" : base.substr(dot + 1));
  add('n', base.substr(0, dot));
  add('x', file.section);
  add('i', std::to_string(file.inode));
  add('j', Hash(path));
  if (upper_case) return;
  char digit = '0';
  for (const std::string_view component : Split(path, "/")) {
    if (digit > '9') break;
    values_[digit++] = component;
  }
}

std::string MagicVariables::Replace(std::string_view text) const {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const char letter = text[i + 1];
    const auto found = values_.find(letter);
    if (found != values_.end()) {
      result += found->second;
      ++i;
    } else if (IsAlphanumeric(letter)) {
      ++i;
    } else {
      result += '%';
    }
  }
  return result;
}

}  // namespace uwsgi::config
