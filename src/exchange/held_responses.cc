// SPDX-License-Identifier: MIT

#include "exchange/held_responses.h"

#include "exchange/response_output.h"

namespace uwsgi {

void HeldResponses::Add(ResponseOutput& response) {
  std::size_t count = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    responses_.push_back(&response);
    count = responses_.size();
    count_.store(count, std::memory_order_seq_cst);
  }
  if (count == 1) wake_();
}

void HeldResponses::Remove(ResponseOutput& response) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::erase(responses_, &response);
  count_.store(responses_.size(), std::memory_order_relaxed);
}

void HeldResponses::Send() {
  if (count_.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(responses_, [](ResponseOutput* response) { return response->SendHeld(); });
  count_.store(responses_.size(), std::memory_order_relaxed);
}

}  // namespace uwsgi
