// SPDX-License-Identifier: MIT
//
// Conditional requests for a file: RFC 9110 section 13.

#pragma once

#include <ctime>
#include <string_view>

#include "uwsgi/request.h"

namespace uwsgi::protocol {

// What identifies the present content of a file.
struct Validators {
  std::string_view etag;  // With its quotes; a weak one with its W/, too.
  std::time_t modified = 0;
};

// The header fields that decide, empty when absent. Range has a meaning for GET only.
struct ConditionalFields {
  std::string_view if_match = {};
  std::string_view if_none_match = {};
  std::string_view if_modified_since = {};
  std::string_view if_unmodified_since = {};
  std::string_view if_range = {};
  std::string_view range = {};
  std::string_view accept_encoding = {};
};
// None of a request that asks for no file but does something: when its response is made, that is
// done, and no condition prevents it any more.
ConditionalFields FindConditionalFields(const Request& request);

// For GET and HEAD: 200, 304 or 412, in the order of precedence of section 13.2.2. Dates that
// can not be read count as absent.
int EvaluatePreconditions(const ConditionalFields& fields, const Validators& file, std::time_t now);

// Whether the Range field counts: there is no If-Range, or it names exactly this content.
bool RangeApplies(const ConditionalFields& fields, const Validators& file, std::time_t now);

}  // namespace uwsgi::protocol
