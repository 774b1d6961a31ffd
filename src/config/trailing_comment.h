// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

namespace uwsgi::config {

// `value` without a comment at its end: "# text", "; text" or "//text" after a blank, or as the
// whole value for the first two. "0.0.0.0:3031   # for nginx" is "0.0.0.0:3031". For options
// whose value is not free text (OptionSpec::strips_comment). The result points into `value`.
std::string_view WithoutTrailingComment(std::string_view value);

}  // namespace uwsgi::config
