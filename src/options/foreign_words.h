// SPDX-License-Identifier: MIT
//
// What other servers call things: whoever comes from gunicorn, uvicorn, waitress, hypercorn or
// granian is told our words. Sentences, to be put behind an error.

#pragma once

#include <string>
#include <string_view>

namespace uwsgi::config {

// Of an option's name that is none of ours: "it is http here, ..."; empty when nobody else has it.
std::string_view OursFor(std::string_view name);
// Of a short flag that is none of ours.
std::string_view OursForFlag(char flag);
// Of a value that does not fit the option of ours that has it, because the name or the letter means
// something else elsewhere: "--listen 127.0.0.1:80".
std::string_view OursForValue(std::string_view option, std::string_view value);

}  // namespace uwsgi::config
