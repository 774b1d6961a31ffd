// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <list>
#include <memory>

#include "base/result.h"
#include "master/generation.h"
#include "os/event_loop.h"

namespace uwsgi {

// All generations of the server, in the order of their start. However often a reload is asked for,
// one serves, at most one loads, and at most kMostDraining finish what they have: the oldest is
// ended when another one would exceed that, and a new one waits until the ended ones are gone.
class GenerationSet {
 public:
  // Enough for two deployments one after the other, while requests of half a minute are run.
  static constexpr std::size_t kMostDraining = 2;

  // Null: none yet, or it is gone.
  Generation* serving() const { return serving_; }
  // The one that may become the one that serves. Null when none is on its way, or when it was given
  // up.
  Generation* loading() const { return is_given_up_ ? nullptr : loading_; }

  // Whether another one may start now.
  bool has_room() const;
  // Starts one, which is loading() from then on. Only while there is room.
  Result<void> Start(os::EventLoop& loop, Generation::Spec spec, Generation::Events events);
  // loading() is ready, and serves. Returns the one that has served until now, null if none has.
  Generation* Promote();
  // loading() ends, if there is one; what it has accepted it finishes.
  void GiveUpLoading();
  // This one finishes what it has.
  void Drain(Generation& generation);

  // No other one than serving() takes new requests.
  bool is_alone_in_accepting() const;
  bool is_empty() const { return generations_.empty(); }

  // The only place where generations are destroyed: no method of one is running.
  void Sweep();

  auto begin() const { return generations_.begin(); }
  auto end() const { return generations_.end(); }

 private:
  std::list<std::unique_ptr<Generation>> generations_;
  Generation* serving_ = nullptr;  // In generations_.
  Generation* loading_ = nullptr;  // In generations_, until it is gone when it was given up.
  bool is_given_up_ = false;       // loading_
};

}  // namespace uwsgi
