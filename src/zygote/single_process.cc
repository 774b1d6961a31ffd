// SPDX-License-Identifier: MIT

#include "zygote/single_process.h"

#include <unistd.h>

#include <ctime>
#include <utility>

#include "base/log.h"
#include "shared/exit_code.h"
#include "shared/signals.h"

namespace uwsgi {

int RunSingleProcess(std::vector<Listener> listeners, int threads, ProcessTexts texts,
                     const ZygoteSetup& setup) {
  constexpr WorkerIdentity kOnlyWorker{.worker_id = 1, .slot = 0};
  BootedGeneration generation;
  auto scoreboard = Scoreboard::Create(1, threads);
  if (!scoreboard) {
    LogError("{}", scoreboard.error().message);
    return ToInt(ExitCode::kFailed);
  }
  generation.scoreboard = std::make_unique<Scoreboard>(*std::move(scoreboard));
  generation.texts = std::move(texts);
  generation.context.scoreboard = generation.scoreboard.get();
  generation.context.started_on = std::time(nullptr);
  generation.context.listeners = std::move(listeners);

  LogInfo("*** WARNING: you are running uWSGI without its master process manager ***");
  auto parts = setup(generation);
  if (!parts) {
    LogError("{}", parts.error().message);
    return ToInt(ExitCode::kFailed);
  }
  UnblockServerSignals();
  if (const std::string problem = parts->host->Start(); !problem.empty()) {
    LogError("{}", problem);
    return ToInt(ExitCode::kFailed);
  }
  EnterSlot(*generation.scoreboard, kOnlyWorker.worker_id, kOnlyWorker.slot);
  parts->control->EnterWorker(kOnlyWorker);
  LogInfo("spawned uWSGI worker 1 (and the only) (pid: {}, cores: {})", ::getpid(), threads);
  const int status = RunWorkerProcess(*parts, kOnlyWorker, true);
  // Nothing of the runtime is destroyed: threads of the application may use it still.
  (void)parts->host.release();
  (void)parts->control.release();
  return status;
}

}  // namespace uwsgi
