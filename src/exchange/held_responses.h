// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace uwsgi {

class ResponseOutput;

// The responses of which small pieces wait to be sent together with the next ones: an application
// that yields a row at a time costs a system call for many rows.
//
// PEP 3333 demands that transmission goes on while the application makes its next piece. So the
// loop's owner sends what is held at each of its turns, and the watchdog at each of its ticks,
// which it goes on with for as long as anything is held. Any thread may call any of this.
class HeldResponses {
 public:
  // `wake` is called whenever a first response is held: Send must follow within milliseconds. To be
  // set before.
  void OnFirst(std::function<void()> wake) { wake_ = std::move(wake); }

  // The response's thread.
  void Add(ResponseOutput& response);
  // The response's thread. Afterwards nobody else uses the response on this account.
  void Remove(ResponseOutput& response);

  // Sends what is held, without waiting.
  void Send();
  // Sequentially consistent, as Watchdog::SleepUntilKicked explains.
  bool empty() const { return count_.load(std::memory_order_seq_cst) == 0; }

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<ResponseOutput*> responses_;  // Guarded.
  std::atomic<std::size_t> count_{0};       // Of responses_.
};

}  // namespace uwsgi
