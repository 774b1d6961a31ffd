// SPDX-License-Identifier: MIT
//
// touch-reload and its relatives: notices when a file is changed, created or deleted.

#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <vector>

namespace uwsgi {

class TouchWatch {
 public:
  // Watches these files from now on, and no others. One that was watched before is not looked at
  // anew: a change since the last look is still to come. Says in the log which are missing.
  void Watch(const std::vector<std::string>& paths);

  // The first file that differs from the last look, which this one becomes.
  std::optional<std::string> Check();

 private:
  struct Stamp {
    std::time_t seconds = 0;
    long nanoseconds = 0;
    bool exists = false;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct File {
    std::string path;
    Stamp stamp;
  };

  static Stamp Look(const std::string& path);

  std::vector<File> files_;
};

}  // namespace uwsgi
