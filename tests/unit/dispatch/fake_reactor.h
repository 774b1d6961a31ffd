// SPDX-License-Identifier: MIT

#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "dispatch/caretaker.h"
#include "dispatch/job_queue.h"
#include "dispatch/work_source.h"
#include "os/clock.h"

namespace uwsgi {

class FakeExchange final : public Exchange {
 public:
  explicit FakeExchange(int number) : number_(number) {}
  int number() const { return number_; }

  const Request& request() const override { return request_; }
  RequestBody& body() override { std::abort(); }
  ResponseWriter& response() override { std::abort(); }
  void SetLogVar(std::string_view, std::string_view) override {}
  std::string_view LogVar(std::string_view) const override { return {}; }
  void SetAppId(int) override {}
  void ForceLog() override {}
  void CountException() override {}
  bool UpgradeToWebSocket(std::string_view, std::string_view) override { return false; }
  WebSocket* websocket() override { return nullptr; }
  int connection_fd() override { return -1; }
  bool IsConnected() const override { return true; }
  void Disconnect() override {}

  std::atomic<int> served{0};
  std::thread::id server;

 private:
  const int number_;
  Request request_;
};

// Hands out exchanges as a loop would, and fails the test if two threads ever use it at once.
class FakeReactor final : public WorkSource, public Caretaker {
 public:
  explicit FakeReactor(int count) : wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    for (int number = 0; number < count; ++number) {
      requests_.push_back(std::make_unique<FakeRequest>(*this, number));
    }
  }
  ~FakeReactor() { ::close(wake_); }

  // The next `count` requests arrive.
  void Arrive(int count) {
    arrived_ += count;
    Wake();
  }
  void StopWhenDone() {
    stopping_ = true;
    Wake();
  }
  void Post(std::unique_ptr<Job> job) {
    jobs_.Put(std::move(job));
    Wake();
  }
  int finished() const { return finished_; }
  // How often it was cared for while the lead was stuck.
  int cared() const { return cared_; }
  int polled() const { return polled_; }
  FakeExchange& exchange(int number) { return requests_[static_cast<std::size_t>(number)]->own; }

  ReadyRequest* TakeReady() override {
    const Turn turn(*this);
    DrainReturned();
    if (next_ >= arrived_) return nullptr;
    return requests_[static_cast<std::size_t>(next_++)].get();
  }
  std::unique_ptr<Job> TakeJob() override {
    const Turn turn(*this);
    return jobs_.Take();
  }
  bool Poll(bool wait) override {
    const Turn turn(*this);
    ++polled_;
    pollfd polled{wake_, POLLIN, 0};
    const bool woken = ::poll(&polled, 1, wait ? -1 : 0) > 0;
    if (woken) Unwake();
    return woken;
  }
  bool done() const override { return stopping_ && finished_ == arrived_; }
  void OnFirstHeld(std::function<void()>) override {}
  void SendHeld() override {}
  bool holds() const override { return false; }
  void NoteStuck() override {}
  void TakeCare(bool is_stuck) override {
    const Turn turn(*this);
    if (is_stuck) ++cared_;
    Unwake();
    DrainReturned();
  }
  int care_fd() const override { return wake_; }
  int care_timeout() const override { return -1; }
  std::span<const int> listening_fds() const override { return {}; }
  int most_cores() const { return most_cores_; }

 private:
  class Turn {
   public:
    explicit Turn(FakeReactor& reactor) : reactor_(reactor) {
      EXPECT_FALSE(reactor_.in_use_.exchange(true)) << "two threads own the loop";
    }
    ~Turn() { reactor_.in_use_ = false; }

   private:
    FakeReactor& reactor_;
  };

  class FakeRequest final : public ReadyRequest {
   public:
    FakeRequest(FakeReactor& reactor, int number) : own(number), reactor_(reactor) {}

    Exchange& exchange() override { return own; }
    void Start(int core) override {
      const Turn turn(reactor_);
      begun_ns_ = os::MonotonicNs();
      reactor_.most_cores_ = std::max(reactor_.most_cores_, core + 1);
    }
    std::int64_t Conclude() override {
      ++own.served;
      return (os::MonotonicNs() - begun_ns_) / 1000;
    }
    void Finish() override {
      const Turn turn(reactor_);
      ++reactor_.finished_;
    }
    void Return() override {
      {
        const std::lock_guard<std::mutex> lock(reactor_.mutex_);
        ++reactor_.returned_;
      }
      reactor_.Wake();
    }

    FakeExchange own;

   private:
    FakeReactor& reactor_;
    std::int64_t begun_ns_ = 0;
  };

  void Wake() {
    const std::uint64_t one = 1;
    EXPECT_EQ(::write(wake_, &one, sizeof(one)), 8);
  }
  void Unwake() {
    std::uint64_t count = 0;
    static_cast<void>(::read(wake_, &count, sizeof(count)));
  }
  void DrainReturned() {
    const std::lock_guard<std::mutex> lock(mutex_);
    finished_ += std::exchange(returned_, 0);
  }

  const int wake_;
  std::vector<std::unique_ptr<FakeRequest>> requests_;
  std::atomic<int> arrived_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<int> finished_{0};
  std::atomic<int> cared_{0};
  std::atomic<int> polled_{0};
  std::atomic<bool> in_use_{false};
  int next_ = 0;
  int most_cores_ = 0;
  JobQueue jobs_;
  std::mutex mutex_;
  int returned_ = 0;  // Guarded.
};

}  // namespace uwsgi
