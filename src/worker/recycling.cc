// SPDX-License-Identifier: MIT

#include "worker/recycling.h"

#include <random>

namespace uwsgi {
namespace {

constexpr std::uint64_t kMebi = 1024 * 1024;

}  // namespace

Recycling::Recycling(const RecyclingOptions& options, int worker_id, Clock::time_point started)
    : options_(options), started_(started) {
  if (options.max_requests == 0) return;
  std::random_device random;
  std::uniform_int_distribution<std::uint64_t> jitter(0, options.max_requests / 10);
  max_requests_ = options.max_requests +
                  options.max_requests_delta * static_cast<std::uint64_t>(worker_id - 1) +
                  jitter(random);
}

bool Recycling::limits_memory() const {
  return options_.reload_on_rss.count > 0 || options_.reload_on_as.count > 0;
}

std::optional<RecycleReason> Recycling::Check(std::uint64_t requests, Clock::time_point now,
                                              const os::MemoryUsage& memory) const {
  if (now - started_ < options_.min_worker_lifetime) return std::nullopt;
  if (max_requests_ > 0 && requests >= max_requests_) return RecycleReason::kMaxRequests;
  const std::uint64_t rss = options_.reload_on_rss.count * kMebi;
  const std::uint64_t vsz = options_.reload_on_as.count * kMebi;
  const bool too_much = (rss > 0 && memory.rss > rss) || (vsz > 0 && memory.vsz > vsz);
  return too_much ? std::optional(RecycleReason::kMemory) : std::nullopt;
}

}  // namespace uwsgi
