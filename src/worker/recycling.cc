// SPDX-License-Identifier: MIT

#include "worker/recycling.h"

#include <random>

#include "os/system_info.h"

namespace uwsgi {
namespace {

constexpr std::uint64_t kMebi = 1024 * 1024;

}  // namespace

Recycling::Recycling(const WorkerOptions& options, int worker_id, std::time_t started)
    : options_(options), started_(started) {
  if (options.max_requests == 0) return;
  std::random_device random;
  std::uniform_int_distribution<std::uint64_t> jitter(0, options.max_requests / 10);
  max_requests_ = options.max_requests +
                  options.max_requests_delta * static_cast<std::uint64_t>(worker_id - 1) +
                  jitter(random);
}

std::optional<RecycleReason> Recycling::Check(std::uint64_t requests, std::time_t now) const {
  if (now - started_ < options_.min_worker_lifetime.count()) return std::nullopt;
  if (max_requests_ > 0 && requests >= max_requests_) return RecycleReason::kMaxRequests;
  const std::uint64_t rss = options_.reload_on_rss.count * kMebi;
  const std::uint64_t vsz = options_.reload_on_as.count * kMebi;
  if (rss == 0 && vsz == 0) return std::nullopt;
  const os::MemoryUsage usage = os::ReadMemoryUsage();
  const bool too_much = (rss > 0 && usage.rss > rss) || (vsz > 0 && usage.vsz > vsz);
  return too_much ? std::optional(RecycleReason::kMemory) : std::nullopt;
}

}  // namespace uwsgi
