// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct pcre2_real_code_8;

namespace uwsgi {

// A Perl-compatible regular expression, as uWSGI's options hold them. Immutable: any thread may
// match.
class Pattern {
 public:
  static Result<Pattern> Compile(const std::string& expression);

  // True if it matches anywhere in `text`. False also when matching takes too many steps.
  bool Matches(std::string_view text) const;

 private:
  struct Free {
    void operator()(pcre2_real_code_8* code) const;
  };
  explicit Pattern(pcre2_real_code_8* code) : code_(code) {}

  std::unique_ptr<pcre2_real_code_8, Free> code_;
};

}  // namespace uwsgi
