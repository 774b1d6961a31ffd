// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>

#include "uwsgi/gateway.h"

namespace uwsgi::testing {

// A gateway whose execution right is a mutex and whose application is a function.
class FakeGateway final : public Gateway {
 public:
  using Application = std::function<void(FakeGateway&, Exchange&)>;

  explicit FakeGateway(Application application, bool parallel = false)
      : application_(std::move(application)), parallel_(parallel) {}

  void AttachThread(std::string_view) override { ++attached_; }
  void DetachThread() override { --attached_; }
  void Acquire() override {
    if (!parallel_) right_.lock();
  }
  void Release() override {
    if (!parallel_) right_.unlock();
  }
  bool is_parallel() const override { return parallel_; }
  void Handle(Exchange& exchange) noexcept override {
    const int running = ++running_;
    int most = most_running_.load();
    while (running > most && !most_running_.compare_exchange_weak(most, running)) {
    }
    application_(*this, exchange);
    --running_;
  }
  void DumpStacks(int) noexcept override { ++dumps_; }

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
  std::mutex right_;
  Application application_;
  const bool parallel_;
  std::atomic<int> attached_{0};
  std::atomic<int> running_{0};
  std::atomic<int> most_running_{0};
  std::atomic<int> dumps_{0};
};

}  // namespace uwsgi::testing
