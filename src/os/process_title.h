// SPDX-License-Identifier: MIT
//
// What ps shows: the procname options.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "uwsgi/options.h"

namespace uwsgi::os {

enum class ProcessRole { kMaster, kZygote, kWorker };

// The title of a process, or nothing when the options leave ps alone. `worker_id` is for workers.
std::optional<std::string> TitleFor(const ProcessOptions& options, ProcessRole role,
                                    int worker_id = 0);

// The memory of argv and the initial environment, which is where the kernel reads the command
// line from. One for each process, made first in main.
class ProcessTitle {
 public:
  // Moves the strings of `argv` and `environ` elsewhere, so that Set may overwrite them.
  ProcessTitle(int argc, char** argv);
  ProcessTitle(const ProcessTitle&) = delete;
  ProcessTitle& operator=(const ProcessTitle&) = delete;

  // What `options` want it to be; nothing if they leave it alone.
  void SetFor(const ProcessOptions& options, ProcessRole role, int worker_id = 0);
  // Cuts what does not fit.
  void Set(std::string_view title);
  std::size_t capacity() const { return area_.size; }

 private:
  struct Area {
    char* begin = nullptr;
    std::size_t size = 0;
  };
  Area area_;
};

}  // namespace uwsgi::os
