// SPDX-License-Identifier: MIT

#include "options/text.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace uwsgi::config {
namespace {

// U+00A0 and U+3000 in UTF-8. No other character's bytes begin or end like these.
constexpr std::array<std::string_view, 2> kWideBlanks = {"\xc2\xa0", "\xe3\x80\x80"};

}  // namespace

std::size_t BlankAtStart(std::string_view text) {
  if (text.empty()) return 0;
  if (kBlank.find(text.front()) != std::string_view::npos) return 1;
  for (const std::string_view blank : kWideBlanks) {
    if (text.starts_with(blank)) return blank.size();
  }
  return 0;
}

std::size_t BlankAtEnd(std::string_view text) {
  if (text.empty()) return 0;
  if (kBlank.find(text.back()) != std::string_view::npos) return 1;
  for (const std::string_view blank : kWideBlanks) {
    if (text.ends_with(blank)) return blank.size();
  }
  return 0;
}

std::string_view Trim(std::string_view text) {
  while (const std::size_t size = BlankAtStart(text)) text.remove_prefix(size);
  while (const std::size_t size = BlankAtEnd(text)) text.remove_suffix(size);
  return text;
}

bool IsNumber(std::string_view text) { return !text.empty() && std::ranges::all_of(text, IsDigit); }

std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) return pieces;
    text.remove_prefix(start);
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::string_view BaseName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view NearestOf(std::span<const std::string_view> names, std::string_view misspelt) {
  std::string_view nearest;
  std::size_t best = std::min<std::size_t>(3, misspelt.size() / 3) + 1;
  for (const std::string_view name : names) {
    const std::size_t distance = EditDistance(misspelt, name);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

std::size_t EditDistance(std::string_view a, std::string_view b) {
  // Three rows of the classic table: the row before the last is for swapped neighbours.
  std::vector<std::size_t> older(b.size() + 1), old(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) old[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t differs = a[i - 1] == b[j - 1] ? 0 : 1;
      now[j] = std::min({old[j] + 1, now[j - 1] + 1, old[j - 1] + differs});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], older[j - 2] + 1);
      }
    }
    std::swap(older, old);
    std::swap(old, now);
  }
  return old[b.size()];
}

}  // namespace uwsgi::config
