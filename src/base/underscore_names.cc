// SPDX-License-Identifier: MIT

#include "base/underscore_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"

namespace uwsgi {
namespace {

constexpr std::array<std::string_view, 3> kReserved = {"content_length", "content_type",
                                                       "transfer_encoding"};

// What a name may have besides letters and digits.
constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";

char AsInVariable(char byte) { return byte == '-' ? '_' : ToLower(byte); }

bool IsName(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) {
    return IsAlphanumeric(byte) || kMarks.find(byte) != std::string_view::npos;
  });
}

// The name in lower case.
Result<std::string> ParseName(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return Error{ErrorCode::kInvalid, fmt::format("{} {}", text, why)};
  };
  if (!IsName(text)) return wrong("is no header's name");
  if (text.find('_') == std::string_view::npos) return wrong("has no underscore");
  const std::string name = ToLower(text);
  std::string variable(name);
  std::ranges::replace(variable, '-', '_');
  if (std::ranges::find(kReserved, variable) != kReserved.end()) {
    return wrong("would pose as a header that the server itself goes by");
  }
  return name;
}

}  // namespace

Result<UnderscoreNames> UnderscoreNames::Parse(std::string_view text) {
  UnderscoreNames names;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(", \t", at), text.size());
    const std::string_view name = text.substr(at, end - at);
    at = end + 1;
    if (name.empty()) continue;
    auto parsed = ParseName(name);
    if (!parsed) return std::move(parsed).error();
    names.names_.push_back(*std::move(parsed));
  }
  return names;
}

UnderscoreNames UnderscoreNames::Join(const std::vector<UnderscoreNames>& all) {
  UnderscoreNames joined;
  for (const UnderscoreNames& each : all) {
    joined.names_.insert(joined.names_.end(), each.names_.begin(), each.names_.end());
  }
  return joined;
}

bool UnderscoreNames::Has(std::string_view name) const {
  return std::ranges::find(names_, ToLower(name)) != names_.end();
}

bool UnderscoreNames::Claims(std::string_view name) const {
  return std::ranges::any_of(names_, [&](const std::string& each) {
    return std::ranges::equal(name, each, {}, AsInVariable, AsInVariable);
  });
}

}  // namespace uwsgi
