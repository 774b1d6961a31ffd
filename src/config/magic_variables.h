// SPDX-License-Identifier: MIT
//
// The one-letter variables of configuration files: %d is the file's directory, %n its name.
// They are replaced in the raw text of a file, before anything else looks at it.

#pragma once

#include <ctime>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace uwsgi::config {

// What the variables of every file share.
struct ProcessFacts {
  std::string directory;       // %v: where the server was started.
  std::string host_name;       // %h
  std::time_t started_at = 0;  // %t, %T in microseconds.
  unsigned cpu_count = 1;      // %k
  std::string binary_path;     // %b
  unsigned user_id = 0;        // %u, %U is the name.
  unsigned group_id = 0;       // %g, %G
  std::string user_name;
  std::string group_name;

  // Asks the operating system.
  static ProcessFacts OfThisProcess();
};

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
  MagicVariables(const ProcessFacts& facts, const FileName& file, const FileName& first);

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
