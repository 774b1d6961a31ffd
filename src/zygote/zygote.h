// SPDX-License-Identifier: MIT
//
// The zygote: imports the applications once and forks a worker whenever the master
// asks for one. See docs/process-model.md.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "ipc/boot_packet.h"
#include "ipc/process_control.h"
#include "ipc/worker_context.h"
#include "uwsgi/app_host.h"

namespace uwsgi {

// What only the front end can put together: the language runtime and the worker.
struct ZygoteParts {
  std::unique_ptr<ProcessControl> control;
  std::unique_ptr<AppHost> host;
  bool lazy_apps = false;  // Workers load the applications themselves.
  std::string chdir_after_loading;
  // Runs in the worker, with the runtime ready: serves until it is done and returns
  // the process's exit status. The caller has run the post-fork hook before, and
  // shuts the runtime down afterwards.
  std::function<int(const WorkerIdentity&)> worker_main;
};

// Turns what the master sent into parts. `generation` outlives them. The error is
// logged and ends the zygote with status 1.
using ZygoteSetup = std::function<Result<ZygoteParts>(const BootedGeneration& generation)>;

// True once, in a process that a master started to be its zygote: takes the mark out of the
// environment, so that nothing started from here believes the same.
bool TakeZygoteMark();

// Runs the zygote over kLinkFd until the master asks it to quit or is gone.
// Ends the process, and every worker that it forks, with _exit. The zygote's runtime
// is not shut down: its exit functions belong to the workers.
[[noreturn]] void RunZygote(const ZygoteSetup& setup);

// The worker's part, shared with the server of one process: changes the directory, runs the
// post-fork hook and `before_serving`, serves, shuts the runtime down. Returns the exit status.
int RunWorkerProcess(
    const ZygoteParts& parts, const WorkerIdentity& identity,
    const std::function<void()>& before_serving = [] {});

}  // namespace uwsgi
