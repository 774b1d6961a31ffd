// SPDX-License-Identifier: MIT
//
// What a request says, to be looked up and to be shown.

#pragma once

#include <string>
#include <string_view>

#include "uwsgi/request.h"

namespace uwsgi::protocol {

// The last value of a variable; empty if there is none.
std::string_view FindVar(const Request& request, std::string_view key);

// Appends text that others have a say in, so that it forges nothing in the log: control bytes,
// double quotes and backslashes are \xHH.
void AppendLogText(std::string_view text, std::string& out);

}  // namespace uwsgi::protocol
