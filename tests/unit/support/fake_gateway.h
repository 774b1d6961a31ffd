// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "uwsgi/gateway.h"

namespace uwsgi::testing {

// A lock that whoever waits for it gets next, as with the GIL when its holder is asked to let go.
class FairLock {
 public:
  void lock() {
    std::unique_lock<std::mutex> lock(mutex_);
    const std::uint64_t ticket = next_ticket_++;
    changed_.wait(lock, [&] { return served_ == ticket; });
  }
  void unlock() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++served_;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_ticket_ = 0;
  std::uint64_t served_ = 0;
};

enum class Right {
  kMutex,  // Who lets go may take it again at once, although others wait.
  kFair,
  kNone,  // Requests run in parallel.
};

// A gateway whose execution right is a lock and whose application is a function.
class FakeGateway final : public Gateway {
 public:
  using Application = std::function<void(FakeGateway&, Exchange&)>;

  explicit FakeGateway(Application application, Right right = Right::kMutex)
      : application_(std::move(application)), right_(right) {}

  void AttachThread(int, std::string_view) override { ++attached_; }
  void DetachThread() override { --attached_; }
  void Acquire() override {
    if (right_ == Right::kMutex) mutex_.lock();
    if (right_ == Right::kFair) fair_lock_.lock();
  }
  void Release() override {
    if (right_ == Right::kMutex) mutex_.unlock();
    if (right_ == Right::kFair) fair_lock_.unlock();
  }
  bool is_parallel() const override { return right_ == Right::kNone; }
  void Handle(Exchange& exchange) noexcept override {
    const int running = ++running_;
    int most = most_running_.load();
    while (running > most && !most_running_.compare_exchange_weak(most, running)) {
    }
    application_(*this, exchange);
    --running_;
  }
  std::string DescribeStacks(int core) noexcept override {
    ++dumps_;
    return "Thread of core " + std::to_string(core) + "\n";
  }

  // What an application that waits for something does.
  template <typename Wait>
  void Block(Wait wait) {
    Release();
    wait();
    Acquire();
  }

  int attached() const { return attached_; }
  int running() const { return running_; }
  int most_running() const { return most_running_; }
  int dumps() const { return dumps_; }

 private:
  std::mutex mutex_;
  FairLock fair_lock_;
  Application application_;
  const Right right_;
  std::atomic<int> attached_{0};
  std::atomic<int> running_{0};
  std::atomic<int> most_running_{0};
  std::atomic<int> dumps_{0};
};

}  // namespace uwsgi::testing
