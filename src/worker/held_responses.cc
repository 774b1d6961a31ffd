// SPDX-License-Identifier: MIT

#include "worker/held_responses.h"

#include "worker/response_stream.h"

namespace uwsgi {

// Either this thread sees that the owner waits, or the owner sees the response before it does:
// both pairs of accesses are sequentially consistent.
bool HeldResponses::Add(ResponseStream& response) {
  const std::lock_guard<std::mutex> lock(mutex_);
  responses_.push_back(&response);
  count_.store(responses_.size(), std::memory_order_seq_cst);
  if (!owner_waits_.load(std::memory_order_seq_cst)) return true;
  Forget(response);
  return false;
}

void HeldResponses::Remove(ResponseStream& response) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Forget(response);
}

void HeldResponses::Forget(const ResponseStream& response) {
  std::erase(responses_, &response);
  count_.store(responses_.size(), std::memory_order_seq_cst);
}

void HeldResponses::Send() {
  if (count_.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  std::erase_if(responses_, [](ResponseStream* response) { return response->SendHeld(); });
  count_.store(responses_.size(), std::memory_order_seq_cst);
}

bool HeldResponses::BeginWait() {
  owner_waits_.store(true, std::memory_order_seq_cst);
  return count_.load(std::memory_order_seq_cst) > 0;
}

void HeldResponses::EndWait() { owner_waits_.store(false, std::memory_order_relaxed); }

}  // namespace uwsgi
