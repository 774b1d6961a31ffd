// SPDX-License-Identifier: MIT
//
// The list of options as one string, to hand it from process to process, and back.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/raw_option.h"

namespace uwsgi::config {

std::string EncodeRawOptions(const std::vector<RawOption>& raw);
Result<std::vector<RawOption>> DecodeRawOptions(std::string_view text);

}  // namespace uwsgi::config
