// SPDX-License-Identifier: MIT

#include "zygote/single_process.h"

#include <unistd.h>

#include <ctime>
#include <utility>

#include "base/app_fork.h"
#include "base/log.h"
#include "ipc/exit_code.h"
#include "ipc/signals.h"

namespace uwsgi {
namespace {

constexpr WorkerIdentity kOnlyWorker{.worker_id = 1, .slot = 0};

int LoadAndServe(const ZygoteParts& parts, Scoreboard& scoreboard,
                 const std::function<void()>& on_loaded) {
  if (const std::string problem = parts.host->Start(); !problem.empty()) {
    LogError("{}", problem);
    return ToInt(ExitCode::kFailed);
  }
  EnterSlot(scoreboard, kOnlyWorker.worker_id, kOnlyWorker.slot);
  parts.control->EnterWorker(kOnlyWorker);
  if (!parts.host->LoadApps()) return ToInt(ExitCode::kAppLoadFailed);
  return RunWorkerProcess(parts, kOnlyWorker, [&] {
    // Who hears of it may send a signal at once: it waits for the worker's handlers.
    BlockServerSignals();
    on_loaded();
    LogInfo("spawned uWSGI worker 1 (and the only) (pid: {}, cores: {})", ::getpid(),
            scoreboard.threads());
  });
}

}  // namespace

int RunSingleProcess(std::vector<Listener> listeners, int threads,
                     const std::vector<RegionSpec>& regions, ProcessTexts texts,
                     const ZygoteSetup& setup, const std::function<void()>& on_loaded) {
  BootedGeneration generation;
  auto scoreboard = Scoreboard::Create(1, threads);
  if (!scoreboard) {
    LogError("{}", scoreboard.error().message);
    return ToInt(ExitCode::kFailed);
  }
  auto shared = RegionSet().OpenFor(regions);
  if (!shared) {
    LogError("{}", shared.error().message);
    return ToInt(ExitCode::kFailed);
  }
  auto kept = std::make_unique<SharedRegions>(*std::move(shared));
  for (const auto& region : *kept) generation.context.regions.push_back(region.get());
  generation.scoreboard = std::make_unique<Scoreboard>(*std::move(scoreboard));
  generation.texts = std::move(texts);
  generation.context.scoreboard = generation.scoreboard.get();
  generation.context.started_on = std::time(nullptr);
  generation.context.listeners = std::move(listeners);
  NoteDescriptors(generation.context);

  LogInfo("*** WARNING: you are running uWSGI without its master process manager ***");
  auto parts = setup(generation);
  if (!parts) {
    LogError("{}", parts.error().message);
    return ToInt(ExitCode::kFailed);
  }
  ResetServerSignalsInChildren();
  DisownForks();
  UnblockServerSignals();
  const int status = LoadAndServe(*parts, *generation.scoreboard, on_loaded);
  // What the caller cleans up is not to be cut short. Threads of the application run on, and
  // would take a signal that is blocked here alone.
  IgnoreServerSignals();
  // Nothing of the runtime is destroyed: those threads may use it still.
  (void)parts->host.release();
  (void)parts->control.release();
  (void)kept.release();
  return status;
}

}  // namespace uwsgi
