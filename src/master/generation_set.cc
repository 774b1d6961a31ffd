// SPDX-License-Identifier: MIT

#include "master/generation_set.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace uwsgi {

using State = Generation::State;

bool GenerationSet::has_room() const {
  const std::size_t others = generations_.size() - (serving_ != nullptr ? 1 : 0);
  return loading_ == nullptr && others <= kMostDraining;
}

Result<void> GenerationSet::Start(os::EventLoop& loop, Generation::Spec spec,
                                  Generation::Events events) {
  UWSGI_CHECK(has_room());
  auto generation = Generation::Start(loop, std::move(spec), std::move(events));
  if (!generation) return generation.error();
  generations_.push_back(*std::move(generation));
  loading_ = generations_.back().get();
  is_given_up_ = false;
  return {};
}

Generation* GenerationSet::Promote() {
  UWSGI_CHECK(loading() != nullptr);
  Generation* const old = std::exchange(serving_, std::exchange(loading_, nullptr));
  serving_->Serve();
  return old;
}

void GenerationSet::GiveUpLoading() {
  if (loading() == nullptr) return;
  if (loading_->is_accepting()) return Drain(*std::exchange(loading_, nullptr));
  is_given_up_ = true;
  loading_->Stop();
}

void GenerationSet::Drain(Generation& generation) {
  generation.Drain();
  const auto drains = [](const auto& each) { return each->state() == State::kDraining; };
  const auto count = std::ranges::count_if(generations_, drains);
  if (static_cast<std::size_t>(count) <= kMostDraining) return;
  const auto oldest = std::ranges::find_if(generations_, drains);
  LogWarning(
      "generation {} is ended before it is through: {} newer ones finish their requests, too",
      (*oldest)->number(), kMostDraining);
  (*oldest)->Stop();
}

bool GenerationSet::is_alone_in_accepting() const {
  return std::ranges::none_of(generations_, [this](const auto& each) {
    return each.get() != serving_ && each->is_accepting();
  });
}

void GenerationSet::Sweep() {
  generations_.remove_if([this](const std::unique_ptr<Generation>& generation) {
    if (generation->state() != State::kGone) return false;
    if (serving_ == generation.get()) serving_ = nullptr;
    if (loading_ == generation.get()) loading_ = nullptr;
    return true;
  });
}

}  // namespace uwsgi
