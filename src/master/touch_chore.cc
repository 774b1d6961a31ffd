// SPDX-License-Identifier: MIT

#include "master/touch_chore.h"

#include <optional>
#include <string>
#include <utility>

#include "base/log.h"

namespace uwsgi {
namespace {

constexpr std::chrono::milliseconds kWhileServing{1000};
constexpr std::chrono::milliseconds kWhileLoading{100};

// One that ends, because the server stops, has no use for new code.
bool GoesOn(const Generation* generation) {
  return generation != nullptr && generation->state() < Generation::State::kDraining;
}

}  // namespace

TouchChore::TouchChore(const GenerationSet& generations, std::function<void()> reload)
    : generations_(generations), reload_(std::move(reload)) {}

std::chrono::milliseconds TouchChore::interval() const {
  return generations_.loading() != nullptr ? kWhileLoading : kWhileServing;
}

void TouchChore::OnTick(Clock::time_point /*now*/) {
  CheckReload();
  CheckWorkers();
}

void TouchChore::OnServing(Generation& generation) { generation.touch().LogMissing(); }

// The generation that loads is asked, too: it may have imported what was there before the touch.
void TouchChore::CheckReload() {
  std::optional<std::string> touched;
  for (Generation* const generation : {generations_.loading(), generations_.serving()}) {
    if (!GoesOn(generation)) continue;
    if (auto file = generation->touch().reload.Check()) touched = std::move(file);
  }
  if (!touched) return;
  LogInfo("*** {} has been touched... grace them all !!! ***", *touched);
  reload_();
}

void TouchChore::CheckWorkers() {
  Generation* const serving = generations_.serving();
  if (!GoesOn(serving)) return;
  if (const auto file = serving->touch().workers_reload.Check()) {
    LogInfo("*** {} has been touched... grace all the workers !!! ***", *file);
    serving->RecycleWorkers();
  }
  if (const auto file = serving->touch().chain_reload.Check()) {
    LogInfo("*** {} has been touched... chain reload !!! ***", *file);
    serving->RecycleWorkersInTurn();
  }
}

}  // namespace uwsgi
