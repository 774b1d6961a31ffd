// SPDX-License-Identifier: MIT

#pragma once

#include <vector>

#include "config/diagnostics.h"
#include "options/option_table.h"

namespace uwsgi::config {

// Puts an expanded list into the structs that the table's rows name: the last value of a scalar
// counts, lists grow. Reports what the types of the fields and the state of each option have
// against a value, and nothing about unknown names.
OptionSet ApplyOptions(const std::vector<RawOption>& raw, const OptionTable& table,
                       Diagnostics& diagnostics);

}  // namespace uwsgi::config
