// SPDX-License-Identifier: MIT

#include "master/chore_list.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace uwsgi {

using std::chrono::milliseconds;

ChoreList::ChoreList(os::EventLoop& loop) : timer_(loop), before_wait_(loop, [this] { Plan(); }) {}

void ChoreList::Add(std::unique_ptr<Chore> chore) {
  entries_.push_back({std::move(chore), Clock::now()});
}

void ChoreList::OnServing(Generation& generation) {
  for (const Entry& entry : entries_) entry.chore->OnServing(generation);
}

void ChoreList::Plan() {
  auto next = Clock::time_point::max();
  for (const Entry& entry : entries_) next = std::min(next, entry.due());
  if (std::exchange(planned_, next) == next) return;
  if (next == Clock::time_point::max()) return timer_.Stop();
  const auto wait = std::chrono::ceil<milliseconds>(next - Clock::now());
  timer_.Start(std::max(wait, milliseconds(0)), milliseconds(0), [this] { Tick(); });
}

void ChoreList::Tick() {
  // The loop's clock is read once a turn, so the timer may be early: it is planned anew in any
  // case.
  planned_ = Clock::time_point::max();
  for (Entry& entry : entries_) {
    const auto now = Clock::now();
    if (now < entry.due()) continue;
    entry.ticked_at = now;
    entry.chore->OnTick(now);
  }
}

}  // namespace uwsgi
