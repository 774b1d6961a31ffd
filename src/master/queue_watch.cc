// SPDX-License-Identifier: MIT

#include "master/queue_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"
#include "os/clock.h"
#include "os/listen_queue.h"

namespace uwsgi {
namespace {

constexpr int kHalf = 5;  // Tenths.
constexpr int kAlmost = 9;
constexpr std::chrono::seconds kAgainAfter{10};
constexpr int kMostWorkers = 8;  // In one line.

std::string_view HowFar(int tenths) {
  if (tenths >= 10) return "";
  return tenths >= kAlmost ? "almost " : "half ";
}

// For how many seconds the process's oldest request runs.
std::int64_t OldestRequest(Scoreboard& scoreboard, int slot) {
  const std::int64_t now = os::MonotonicNs();
  std::int64_t oldest = now;
  for (int core = 0; core < scoreboard.threads(); ++core) {
    const std::int64_t started = scoreboard.thread(slot, core).started_ns;
    if (started != 0) oldest = std::min(oldest, started);
  }
  return (now - oldest) / 1'000'000'000;
}

std::string DescribeWorkers(Scoreboard& scoreboard) {
  std::string text;
  int described = 0;
  for (int slot = 0; slot < scoreboard.process_slots(); ++slot) {
    if (scoreboard.process(slot).state == WorkerState::kFree) continue;
    if (++described > kMostWorkers) return text + "; ...";
    text += fmt::format("; {}, the oldest request for {} s", DescribeProcess(scoreboard, slot),
                        OldestRequest(scoreboard, slot));
  }
  return text;
}

}  // namespace

void QueueWatch::OnTick(Clock::time_point now) {
  Generation* const serving = generations_.serving();
  if (serving == nullptr || serving->state() != Generation::State::kServing) return;
  Check(serving->listeners(), serving->scoreboard(), now);
}

void QueueWatch::Check(const std::vector<Listener>& listeners, Scoreboard& scoreboard,
                       Clock::time_point now) {
  // Workers without a free thread read requests to see whether they need one.
  const std::uint32_t read = scoreboard.waiting_requests();
  int fullest = 0;
  std::string what;
  for (const Listener& listener : listeners) {
    const auto queue = os::ReadListenQueue(listener.fd);
    if (!queue || queue->limit == 0) continue;
    const std::uint64_t waiting = std::uint64_t{queue->waiting} + read;
    const int tenths = static_cast<int>(waiting * 10 / queue->limit);
    if (tenths <= fullest) continue;
    fullest = tenths;
    what = fmt::format("*** uWSGI listen queue of socket \"{}\" (fd: {}) {}full !!! ({}/{}) ***",
                       listener.name, listener.fd, HowFar(tenths), waiting, queue->limit);
  }
  const int level = fullest >= kAlmost ? kAlmost : fullest >= kHalf ? kHalf : 0;
  const bool is_due = level > warned_tenths_ || (level > 0 && now - warned_at_ >= kAgainAfter);
  if (level == 0 && now - warned_at_ >= kAgainAfter) warned_tenths_ = 0;
  if (!is_due) return;
  warned_tenths_ = level;
  warned_at_ = now;
  LogWarning("{}{}", what, DescribeWorkers(scoreboard));
}

}  // namespace uwsgi
