// SPDX-License-Identifier: MIT

#pragma once

#include <optional>

#include "base/unique_fd.h"
#include "os/held_descriptors.h"

namespace uwsgi::os {

// Descriptors 1 and 2, where the log goes, as they were when this was made. An application may
// close them, and then the next file or connection gets their number, and the log's lines.
class LogOutputs {
 public:
  LogOutputs();

  // Puts back what is closed, and opens /dev/null for a closed descriptor 0. What the application
  // has put in their place stays. The number of the last that was put back.
  std::optional<int> Restore();

 private:
  UniqueFd output_;
  UniqueFd error_;
  HeldDescriptors held_;  // Both: the application may have closed them as well.
};

// The open file under a number that is none of the standard ones.
UniqueFd AboveStandardFds(UniqueFd fd);

}  // namespace uwsgi::os
