// SPDX-License-Identifier: MIT
//
// The Accept-Encoding field: RFC 9110 section 12.5.3.

#pragma once

#include <span>
#include <string_view>

namespace uwsgi::protocol {

// The first of `offered` that the client likes best, empty for none: the content as it is. A
// coding counts only if the field names it or "*", with a weight above 0 and above identity's.
std::string_view ChooseCoding(std::string_view accept_encoding,
                              std::span<const std::string_view> offered);

}  // namespace uwsgi::protocol
