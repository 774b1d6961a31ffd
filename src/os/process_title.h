// SPDX-License-Identifier: MIT
//
// What ps shows: the procname options.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "os/process_options.h"

namespace uwsgi::os {

enum class ProcessRole { kMaster, kZygote, kWorker };

// The title of a process, or nothing when the options leave ps alone. `worker_id` is for workers.
std::optional<std::string> TitleFor(const ProcessOptions& options, ProcessRole role,
                                    int worker_id = 0);

// The memory of the arguments and the initial environment, which is where the kernel reads the
// command line from. One for each process, made while it has one thread.
class ProcessTitle {
 public:
  // No memory: what is set is not seen.
  ProcessTitle() = default;
  // Moves the strings of `environ` elsewhere, so that Set may overwrite them; who needs those of
  // `argv` has copied them before. Asks the kernel where they are, and so works in a library, too.
  static ProcessTitle OfThisProcess();
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
  explicit ProcessTitle(Area area) : area_(area) {}

  Area area_;
};

}  // namespace uwsgi::os
