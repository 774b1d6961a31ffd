// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uwsgi {

class DeadlineQueue;

// Lets its owner wait in at most one DeadlineQueue; leaves it when destroyed.
class DeadlineLink {
 public:
  DeadlineLink() = default;
  ~DeadlineLink() { Leave(); }
  DeadlineLink(const DeadlineLink&) = delete;
  DeadlineLink& operator=(const DeadlineLink&) = delete;

  void Leave();
  bool is_waiting() const { return next_ != nullptr; }

 private:
  friend class DeadlineQueue;
  DeadlineLink* previous_ = nullptr;
  DeadlineLink* next_ = nullptr;
  std::uint64_t due_ = 0;
};

// Deadlines that all lie the same time ahead when they are set, so that a list in the
// order of setting is in the order of expiry: every operation is O(1), whatever the number.
class DeadlineQueue {
 public:
  // `after` in milliseconds; 0 never expires.
  explicit DeadlineQueue(std::uint64_t after) : after_(after) {
    head_.previous_ = head_.next_ = &head_;
  }
  ~DeadlineQueue() { head_.previous_ = head_.next_ = nullptr; }  // The last one to go.

  void Enter(DeadlineLink& link, std::uint64_t now) {
    link.Leave();
    if (after_ == 0) return;
    link.due_ = now + after_;
    link.previous_ = head_.previous_;
    link.next_ = &head_;
    link.previous_->next_ = &link;
    head_.previous_ = &link;
  }

  // The one that entered first, taken off the queue, or null.
  DeadlineLink* TakeFirst() {
    DeadlineLink* first = head_.next_;
    if (first == &head_) return nullptr;
    first->Leave();
    return first;
  }

  // The next one that is due, taken off the queue, or null.
  DeadlineLink* TakeExpired(std::uint64_t now) {
    DeadlineLink* first = head_.next_;
    if (first == &head_ || first->due_ > now) return nullptr;
    first->Leave();
    return first;
  }

 private:
  const std::uint64_t after_;
  DeadlineLink head_;
};

inline void DeadlineLink::Leave() {
  if (next_ == nullptr) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  previous_ = next_ = nullptr;
}

}  // namespace uwsgi
