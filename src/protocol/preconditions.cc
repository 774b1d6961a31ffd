// SPDX-License-Identifier: MIT

#include "protocol/preconditions.h"

#include <array>
#include <optional>
#include <utility>

#include "protocol/http_date.h"
#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

enum class Comparison { kStrong, kWeak };

// Whether a list of entity tags, or "*", names `etag`. What is malformed names nothing.
bool NamesTag(std::string_view list, std::string_view etag, Comparison comparison) {
  list = TrimBlanks(list);
  if (list == "*") return true;
  if (etag.starts_with("W/")) {
    if (comparison == Comparison::kStrong) return false;
    etag.remove_prefix(2);
  }
  while (!list.empty()) {
    const bool is_weak = list.starts_with("W/");
    if (is_weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return false;
    const std::size_t end = list.find('"', 1);
    if (end == std::string_view::npos) return false;
    const bool counts = !is_weak || comparison == Comparison::kWeak;
    if (counts && list.substr(0, end + 1) == etag) return true;
    list = TrimBlanks(list.substr(end + 1));
    if (list.empty()) return false;
    if (!list.starts_with(',')) return false;
    list = TrimBlanks(list.substr(1));
  }
  return false;
}

}  // namespace

ConditionalFields FindConditionalFields(const Request& request) {
  using Member = std::string_view ConditionalFields::*;
  static constexpr std::array<std::pair<std::string_view, Member>, 7> kFields = {{
      {"HTTP_IF_MATCH", &ConditionalFields::if_match},
      {"HTTP_IF_NONE_MATCH", &ConditionalFields::if_none_match},
      {"HTTP_IF_MODIFIED_SINCE", &ConditionalFields::if_modified_since},
      {"HTTP_IF_UNMODIFIED_SINCE", &ConditionalFields::if_unmodified_since},
      {"HTTP_IF_RANGE", &ConditionalFields::if_range},
      {"HTTP_RANGE", &ConditionalFields::range},
      {"HTTP_ACCEPT_ENCODING", &ConditionalFields::accept_encoding},
  }};
  ConditionalFields found;
  if (request.method != "GET" && request.method != "HEAD") return found;
  for (const Var& var : request.vars) {
    for (const auto& [name, member] : kFields) {
      if (var.key == name) found.*member = var.value;
    }
  }
  if (request.method != "GET") found.range = {};
  return found;
}

int EvaluatePreconditions(const ConditionalFields& fields, const Validators& file,
                          std::time_t now) {
  if (!fields.if_match.empty()) {
    if (!NamesTag(fields.if_match, file.etag, Comparison::kStrong)) return 412;
  } else if (const auto since = ParseHttpDate(fields.if_unmodified_since, now)) {
    if (file.modified > *since) return 412;
  }
  if (!fields.if_none_match.empty()) {
    return NamesTag(fields.if_none_match, file.etag, Comparison::kWeak) ? 304 : 200;
  }
  const auto since = ParseHttpDate(fields.if_modified_since, now);
  return since && file.modified <= *since ? 304 : 200;
}

bool RangeApplies(const ConditionalFields& fields, const Validators& file, std::time_t now) {
  if (fields.range.empty()) return false;
  const std::string_view wanted = TrimBlanks(fields.if_range);
  if (wanted.empty()) return true;
  if (wanted.ends_with('"')) return wanted == file.etag && wanted.starts_with('"');
  // A date is a strong validator only if it is exactly the one that was given out.
  return ParseHttpDate(wanted, now) == file.modified;
}

}  // namespace uwsgi::protocol
