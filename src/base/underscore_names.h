// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace uwsgi {

// Header names with an underscore that a proxy of ours may send, as http-allow-underscore lists
// them.
//
// In variables "-" and "_" are the same, so that X-User could pose as X_User. Of the spellings of a
// name that is listed here, only the listed one ever becomes a variable.
class UnderscoreNames {
 public:
  // A list with commas or blanks between the names. Fails with kInvalid on what is no name, has no
  // underscore, or is a header that the server itself goes by.
  static Result<UnderscoreNames> Parse(std::string_view text);
  static UnderscoreNames Join(const std::vector<UnderscoreNames>& all);

  bool empty() const { return names_.empty(); }
  // Whether a header as its sender spells it is listed, in whatever case.
  bool Has(std::string_view name) const;
  // Whether it would become the variable of one that is listed.
  bool Claims(std::string_view name) const;

 private:
  std::vector<std::string> names_;  // In lower case.
};

}  // namespace uwsgi
