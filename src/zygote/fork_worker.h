// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi {

// Forks a process that is nobody's child here: through an intermediate process that ends
// at once, so that the worker becomes the child of the master, the subreaper above.
//
//   zygote --fork--> intermediate --fork--> worker
//      |  <--- pid by pipe ---- | _exit         | waits at the gate
//      |  --- announces pid, opens the gate --->| serves
//
// The gate makes sure that no worker runs whose pid the master was not told.
class ForkedWorker {
 public:
  // Returns twice: in the zygote with the pid, in the worker with is_worker().
  static Result<ForkedWorker> Fork();

  bool is_worker() const { return pid_ == 0; }
  pid_t pid() const { return pid_; }

  // In the zygote, after the pid was announced.
  void OpenGate();
  // In the worker: waits for OpenGate. False when the zygote died before.
  bool PassGate();

 private:
  ForkedWorker(pid_t pid, UniqueFd gate) : pid_(pid), gate_(std::move(gate)) {}

  pid_t pid_;
  UniqueFd gate_;  // The zygote's writing or the worker's reading end of a pipe.
};

}  // namespace uwsgi
