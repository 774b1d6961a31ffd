// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <vector>

#include "master/chore.h"
#include "os/event_loop.h"

namespace uwsgi {

// Calls each chore when it is due, by one timer.
class ChoreList {
 public:
  // `loop` outlives the list.
  explicit ChoreList(os::EventLoop& loop);

  // The chore's first tick is due an interval from now. Chores that are due together go in the
  // order in which they were added. Not from within a chore.
  void Add(std::unique_ptr<Chore> chore);
  void OnServing(Generation& generation);

 private:
  using Clock = Chore::Clock;
  struct Entry {
    std::unique_ptr<Chore> chore;
    Clock::time_point ticked_at;

    Clock::time_point due() const { return ticked_at + chore->interval(); }
  };

  void Plan();
  void Tick();

  std::vector<Entry> entries_;
  Clock::time_point planned_ = Clock::time_point::max();  // When the timer fires; max: never.
  os::Timer timer_;
  os::BeforeWait before_wait_;
};

}  // namespace uwsgi
