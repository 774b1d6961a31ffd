// SPDX-License-Identifier: MIT
//
// Expansion of the gathered options, in three passes: $(NAME) from the environment, @(file)
// with a file's text, %(name) with another option's value, or %(name + 1) with a small
// expression. What is not defined stays as it is.
//
//   expression := item (blank item)*         from left to right, no precedence
//   item       := number | name | '(' expression ')' | '+' '-' '*' '/' '++' '--'
//
// Two items next to each other are joined as text.

#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/environment.h"
#include "options/raw_option.h"

namespace uwsgi::config {

// Replaces every `sigil`(inner) in `text` by what `lookup` makes of inner; nothing: it stays.
// Brackets inside of inner are matched.
using Lookup = std::function<std::optional<std::string>(std::string_view inner)>;
std::string ReplaceMarked(std::string_view text, char sigil, const Lookup& lookup);

// The value of %(inner), with the names that `lookup` knows. Nothing when inner is one name that
// it does not know.
std::optional<std::string> Evaluate(std::string_view inner, const Lookup& lookup);

// Expands all values, in order, so that an option sees the expanded values above it and the
// raw ones below. Returns the names that %(...) and $(...) mention.
std::set<std::string> Expand(std::vector<RawOption>& options, const Environment& environment,
                             Diagnostics& diagnostics);

}  // namespace uwsgi::config
