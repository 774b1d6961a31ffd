// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstdint>

#include "base/quantities.h"
#include "options/rows.h"

namespace uwsgi {

// When a worker is replaced, and how long it may take to end: what master and worker agree about.
struct RecyclingOptions {
  std::uint64_t max_requests = 0;
  std::uint64_t max_requests_delta = 0;
  std::chrono::seconds max_worker_lifetime{0};
  std::chrono::seconds min_worker_lifetime{10};
  MebiBytes reload_on_rss;
  MebiBytes reload_on_as;
  std::chrono::seconds worker_reload_mercy{60};
};

namespace config {
OptionRows RecyclingRows();
}  // namespace config

}  // namespace uwsgi
