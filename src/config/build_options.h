// SPDX-License-Identifier: MIT

#pragma once

#include <vector>

#include "config/diagnostics.h"
#include "uwsgi/options.h"

namespace uwsgi::config {

// Puts an expanded list into Options: the last value of a scalar counts, lists grow. Reports
// what each row and the state of its option have against the value, and nothing about unknown
// names. Fields that several slices share are equal afterwards.
Options ApplyOptions(const std::vector<RawOption>& raw, Diagnostics& diagnostics);

}  // namespace uwsgi::config
