// SPDX-License-Identifier: MIT
//
// Dates as HTTP writes them (RFC 9110 section 5.6.7).

#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace uwsgi::protocol {

// "Sun, 06 Nov 1994 08:49:37 GMT". Callers on the hot path keep it for the second.
std::string FormatHttpDate(std::time_t time);

// The three forms that a recipient must understand: IMF-fixdate, RFC 850 (two-digit years
// more than 50 years after `now` are in the past century) and asctime. Nothing for anything else.
std::optional<std::time_t> ParseHttpDate(std::string_view text, std::time_t now);

}  // namespace uwsgi::protocol
