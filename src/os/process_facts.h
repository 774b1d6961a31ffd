// SPDX-License-Identifier: MIT

#pragma once

#include <ctime>
#include <map>
#include <string>

namespace uwsgi::os {

// The file that this process runs, without links.
std::string ProgramOfThisProcess();

// What the magic variables of configuration files say of this machine and this process, whatever
// the file is.
struct ProcessFacts {
  std::string directory;       // %v: the working directory; empty if it is gone.
  std::string host_name;       // %h
  std::time_t started_at = 0;  // %t, %T in microseconds.
  int cpu_count = 1;           // %k: those that the process may run on.
  unsigned user_id = 0;        // %u, %U is the name; the number again for whoever has none.
  unsigned group_id = 0;       // %g, %G
  std::string user_name;
  std::string group_name;
  std::string binary_path;  // %b: the server's program.

  // Asks the operating system.
  static ProcessFacts OfThisProcess(std::time_t started_at, std::string program);

  // The variables by their letters; with %V, the version, %[, an escape, and %%.
  std::map<char, std::string> ByLetter() const;
};

}  // namespace uwsgi::os
