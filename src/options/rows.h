// SPDX-License-Identifier: MIT
//
// What a feature's header needs to say that its options have rows.

#pragma once

#include <span>

namespace uwsgi::config {

struct OptionSpec;
// Rows that stand next to each other in the documentation. They live forever.
using OptionRows = std::span<const OptionSpec>;

}  // namespace uwsgi::config
