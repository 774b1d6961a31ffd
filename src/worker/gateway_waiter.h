// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>

#include "net/waiter.h"
#include "uwsgi/gateway.h"

namespace uwsgi {

// Waits in the thread itself, which lets go of the execution right meanwhile. Any number of threads
// at once.
class GatewayWaiter final : public Waiter {
 public:
  // `gateway` outlives it.
  explicit GatewayWaiter(Gateway& gateway) : gateway_(gateway) {}

  void StepAside() override { gateway_.Release(); }
  void StepBack() override { gateway_.Acquire(); }
  IoStatus Wait(int fd, Direction direction, std::chrono::milliseconds timeout) override;

 private:
  Gateway& gateway_;
};

}  // namespace uwsgi
