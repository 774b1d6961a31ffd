// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

#include "options/option_values.h"

namespace uwsgi::config {

// What is wrong or odd about the address of a socket.
Remark CheckAddress(std::string_view value);
// An address too, or an http:// URL that has no more than that: see AddressOfHttpUrl.
Remark CheckHttpAddress(std::string_view value);

}  // namespace uwsgi::config
