// SPDX-License-Identifier: MIT
//
// Conditions and loops of the configuration language. Options go in one by one, in the order
// of reading; those that count come out.
//
// A loop repeats each of its lines once per item, line by line. %(_) in a value is the item, or
// the value that a condition found. Conditions and loops do not nest, as in uWSGI.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/environment.h"
#include "options/option_table.h"

namespace uwsgi::config {

class Logic {
 public:
  // `seen` are the options so far, for if-opt.
  Logic(const Environment& environment, const OptionTable& table,
        const std::vector<RawOption>& seen, Diagnostics& diagnostics);

  // What counts of `option`: itself, its repetitions, or nothing. The words of the language
  // are passed on as well, as uwsgi.opt shows them.
  std::vector<RawOption> Take(RawOption option);
  // Reports a condition or loop that nothing ends.
  void Finish();

 private:
  std::vector<RawOption> OnKeyword(RawOption option, std::string_view keyword);
  std::vector<std::string> LoopItems(const RawOption& option, std::string_view keyword);
  // The value that makes the condition hold; nothing when it does not.
  std::optional<std::string> Test(const RawOption& option, std::string_view keyword) const;
  std::optional<std::string> TestOption(std::string_view name, std::string_view wanted,
                                        bool any_value) const;

  const Environment& environment_;  // Outlives the logic, as do the next three.
  const OptionTable& table_;
  const std::vector<RawOption>& seen_;
  Diagnostics& diagnostics_;
  std::optional<RawOption> open_;   // The condition or loop that we are in.
  std::vector<std::string> items_;  // What %(_) is: none skips the lines.
};

}  // namespace uwsgi::config
