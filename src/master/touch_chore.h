// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <functional>

#include "master/chore.h"
#include "master/generation_set.h"

namespace uwsgi {

// touch-reload, touch-workers-reload and touch-chain-reload: looks at the files that the
// generations name, and does what a change of one asks for.
class TouchChore final : public Chore {
 public:
  // `reload` is called for a change that asks for another generation. `generations` outlives the
  // chore.
  TouchChore(const GenerationSet& generations, std::function<void()> reload);

  // While a generation imports a change starts the import over: the sooner the better.
  std::chrono::milliseconds interval() const override;
  void OnTick(Clock::time_point now) override;
  // Tells of files that are not there.
  void OnServing(Generation& generation) override;

 private:
  void CheckReload();
  void CheckWorkers();

  const GenerationSet& generations_;
  const std::function<void()> reload_;
};

}  // namespace uwsgi
