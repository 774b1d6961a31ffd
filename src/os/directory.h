// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "base/unique_fd.h"

namespace uwsgi::os {

// A directory, by its path and itself. The path is empty when it has lost its name, `fd` invalid
// where /proc is not there.
struct Directory {
  std::string path;
  UniqueFd fd;
};
Directory CurrentDirectory();

// Goes to a directory and, at its end, back; warns if that is not allowed. By descriptors: a
// directory may have lost its name, and its path may be closed to the server's user. For a process
// with one thread.
class InDirectory {
 public:
  explicit InDirectory(const Directory& there);
  ~InDirectory();
  InDirectory(const InDirectory&) = delete;
  InDirectory& operator=(const InDirectory&) = delete;

 private:
  const UniqueFd before_;
  const bool moves_;
};

}  // namespace uwsgi::os
