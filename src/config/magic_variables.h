// SPDX-License-Identifier: MIT
//
// The one-letter variables of configuration files: %d is the file's directory, %n its name.
// They are replaced in the raw text of a file, before anything else looks at it.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "os/process_facts.h"

namespace uwsgi::config {

// A configuration file as it was named.
struct FileName {
  std::string given;     // %o: "conf/site.ini"
  std::string absolute;  // %p, links resolved.
  std::string section;   // %x: empty unless one was asked for.
  unsigned long inode = 0;

  // "site.ini:prod". Does not fail: a file that does not exist has no inode.
  static FileName Parse(std::string_view argument);
};

class MagicVariables {
 public:
  // `first` is the file that was read before all others; its upper-case variables stand for it.
  MagicVariables(const os::ProcessFacts& facts, const FileName& file, const FileName& first);

  // Replaces %% and %letter. "%(" is left for placeholders; a letter that is no variable
  // vanishes together with its '%', as in uWSGI, and '%' before anything else stays.
  std::string Replace(std::string_view text) const;

  // Letter and value, for --explain and tests.
  const std::map<char, std::string>& values() const { return values_; }

 private:
  void AddFile(const FileName& file, bool upper_case);

  std::map<char, std::string> values_;
};

}  // namespace uwsgi::config
