// SPDX-License-Identifier: MIT
//
// What the value of one option must be beyond its type, found out before anything is started.

#pragma once

#include <vector>

#include "config/diagnostics.h"
#include "uwsgi/options.h"

namespace uwsgi::config {

// Checks addresses, owners, mappings and their like; what is wrong is said with its file and line.
// Of an option that is no list only the last value counts.
void CheckValues(const std::vector<RawOption>& raw, Diagnostics& diagnostics);

}  // namespace uwsgi::config
