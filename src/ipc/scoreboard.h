// SPDX-License-Identifier: MIT
//
// One generation's counters, in a region that the master, the zygote and the workers share.
//
// Everything in it is a lock-free atomic: a process may die at any instruction.
//
// Workers run code of others, so anything may stand in it. No process takes a bound or a size from
// there, and the master ends nobody for a value that can not be.

#pragma once

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ipc/noted_names.h"
#include "ipc/region.h"

namespace uwsgi {

enum class WorkerState : std::uint32_t {
  kFree,      // Nobody's slot.
  kStarting,  // Forked, not serving yet.
  kReady,     // Accepting.
  kDraining,  // Finishes what it has.
};

// What one request thread does now.
struct ThreadSlot {
  std::atomic<std::int64_t> started_ns;   // CLOCK_MONOTONIC; 0 is idle.
  std::atomic<std::int64_t> deadline_ns;  // 0 is none.
  std::atomic<std::uint64_t> requests;    // Served by this slot in this process.
  // The number of the uwsgi.lock() that it has waited for for a second, plus 1; 0: none.
  std::atomic<std::uint32_t> lock_waited_for;
};

// One worker process. A worker that is being replaced has two for a while.
struct ProcessSlot {
  std::atomic<pid_t> pid;
  std::atomic<std::int32_t> worker_id;  // From 1.
  std::atomic<WorkerState> state;
  // The signal that the master has sent to make the worker go; 0 for none. It is there as well
  // because the application may have taken the signal away.
  std::atomic<int> told;
  std::atomic<std::uint32_t> busy_threads;
  std::atomic<std::uint32_t> waiting_requests;  // Read, and without a thread.
  // CLOCK_MONOTONIC, for AcceptRestraint: when the last request began, 0 while the worker waits
  // for events; and when a request was last seen to block or to take long.
  std::atomic<std::int64_t> running_since_ns;
  std::atomic<std::int64_t> stuck_at_ns;
  std::atomic<std::uint64_t> requests;   // Since this process was forked.
  std::atomic<std::int64_t> spawned_at;  // Unix seconds.
  // Bytes, where memory-report or a limit of memory asks for them.
  std::atomic<std::uint64_t> rss;
  std::atomic<std::uint64_t> vsz;
};

// What one application has done in one worker.
struct AppCounters {
  std::atomic<std::uint64_t> requests;
  std::atomic<std::uint64_t> exceptions;
};

// How many applications have counters of their own, as many as uWSGI allows; those beyond
// share the last ones.
inline constexpr int kCountedApps = 64;

// What a worker id has done over all its processes of this generation.
struct WorkerCounters {
  std::atomic<std::uint64_t> requests;
  std::atomic<std::uint64_t> exceptions;
  std::atomic<std::uint64_t> harakiri_count;
  std::atomic<std::uint64_t> respawn_count;  // 1 after the first spawn.
  std::atomic<std::uint64_t> tx;             // Bytes sent.
  std::atomic<std::uint64_t> running_us;     // Sum of the requests' times.
  std::atomic<std::uint64_t> avg_us;         // As uWSGI: (avg + this request) / 2.
  std::atomic<std::int64_t> last_spawn;      // Unix seconds.
  std::array<AppCounters, kCountedApps> apps;

  AppCounters& app(int id) {
    return apps[static_cast<std::size_t>(std::min(id, kCountedApps - 1))];
  }
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic<WorkerState>::is_always_lock_free);

class Scoreboard {
 public:
  // `workers` ids from 1, `threads` slots in each process, two process slots for each worker.
  static Result<Scoreboard> Create(int workers, int threads);
  // Reads `region`, which Create has made in another process with the same numbers.
  static Result<Scoreboard> Over(Region region, int workers, int threads);
  // The name of the region.
  static constexpr std::string_view kRegion = "scoreboard";

  const Region& region() const { return region_; }
  int workers() const { return workers_; }
  int threads() const { return threads_; }
  int process_slots() const { return workers() * 2; }

  WorkerCounters& counters(int worker_id);  // From 1.
  ProcessSlot& process(int slot);           // From 0.
  ThreadSlot& thread(int slot, int core);   // From 0.

  // Names of headers that somebody was warned of.
  NotedNames& noted_headers();

  // Sum of all workers' requests: the T of the request log.
  std::atomic<std::uint64_t>& total_requests();
  // Requests that wait between the workers, for whichever is free first.
  std::atomic<std::int32_t>& passed_on();
  // These, and those that wait in a worker: read, and without a thread.
  std::uint32_t waiting_requests();

 private:
  struct Header;
  Scoreboard(Region region, int workers, int threads);

  Header& header() const;
  std::byte* At(std::size_t offset) const { return region_.data() + offset; }

  Region region_;
  int workers_;
  int threads_;
};

// In a new worker, before it does anything: the slot says what this process is.
void EnterSlot(Scoreboard& scoreboard, int worker_id, int slot);

// The statistics of a worker's process in one line, for the log, and which of its threads wait for
// locks.
std::string DescribeProcess(Scoreboard& scoreboard, int slot);

// Frees the slot of a process that is gone, its threads' slots too.
void ResetProcess(Scoreboard& scoreboard, int slot);

}  // namespace uwsgi
