// SPDX-License-Identifier: MIT

#pragma once

#include "master/chore.h"
#include "os/service_manager.h"

namespace uwsgi {

// Tells the service manager, as often as it wants to hear it, that the master's loop turns.
class ServicePing final : public Chore {
 public:
  // `manager` wants pings, and outlives the chore.
  explicit ServicePing(os::ServiceManager& manager) : manager_(manager) {}

  std::chrono::milliseconds interval() const override { return manager_.ping_interval(); }
  void OnTick(Clock::time_point /*now*/) override { manager_.Ping(); }
  void OnServing(Generation& /*generation*/) override {}

 private:
  os::ServiceManager& manager_;
};

}  // namespace uwsgi
