// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>

#include "master/generation.h"

namespace uwsgi {

// Something that the master does by itself every so often, beside its generations. Runs on the
// master's loop and does not block it; may watch descriptors there besides.
class Chore {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Chore() = default;

  // How long after one tick the next is due. Asked before each wait of the loop, so any event may
  // change it.
  virtual std::chrono::milliseconds interval() const = 0;
  // Does what is due. Goes on while the server stops; whoever has nothing to do then looks at the
  // state of the generations.
  virtual void OnTick(Clock::time_point now) = 0;
  // This generation serves from now on.
  virtual void OnServing(Generation& generation) = 0;
};

}  // namespace uwsgi
