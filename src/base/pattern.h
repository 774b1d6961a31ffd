// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"

struct pcre2_real_code_8;

namespace uwsgi {

// A Perl-compatible regular expression, as uWSGI's options hold them. Immutable: any thread may
// match.
class Pattern {
 public:
  static Result<Pattern> Compile(std::string_view expression);

  // True if it matches anywhere in `text`. False also when matching takes too many steps.
  bool Matches(std::string_view text) const;

 private:
  explicit Pattern(std::shared_ptr<const pcre2_real_code_8> code) : code_(std::move(code)) {}

  std::shared_ptr<const pcre2_real_code_8> code_;  // Of all copies.
};

}  // namespace uwsgi
