// SPDX-License-Identifier: MIT
//
// The memory:  Header | WorkerCounters x workers | (ProcessSlot | ThreadSlot x threads) x slots
// Every block starts on a cache line of its own, so that workers do not slow each other down.

#include "ipc/scoreboard.h"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>
#include <utility>

#include "base/check.h"

namespace uwsgi {

struct Scoreboard::Header {
  std::atomic<std::uint64_t> total_requests;
  std::atomic<std::int32_t> passed_on;
  NotedNames noted_headers;
};

namespace {

constexpr std::size_t kCacheLine = 64;

constexpr std::size_t RoundUp(std::size_t size) {
  return (size + kCacheLine - 1) / kCacheLine * kCacheLine;
}

// What Scoreboard::Header has at most.
constexpr std::size_t kHeaderSize = RoundUp(sizeof(NotedNames) + kCacheLine);
constexpr std::size_t kCountersSize = RoundUp(sizeof(WorkerCounters));
constexpr std::size_t kProcessSize = RoundUp(sizeof(ProcessSlot));

std::size_t ProcessBlockSize(int threads) {
  return kProcessSize + RoundUp(sizeof(ThreadSlot) * static_cast<std::size_t>(threads));
}

std::size_t TotalSize(int workers, int threads) {
  const auto count = static_cast<std::size_t>(workers);
  return kHeaderSize + count * kCountersSize + count * 2 * ProcessBlockSize(threads);
}

RegionSpec SpecOf(int workers, int threads) {
  return {.name = std::string(Scoreboard::kRegion),
          .lifetime = RegionLifetime::kGeneration,
          .size = TotalSize(workers, threads)};
}

}  // namespace

Result<Scoreboard> Scoreboard::Create(int workers, int threads) {
  UWSGI_CHECK(workers > 0 && threads > 0);
  static_assert(sizeof(Header) <= kHeaderSize);
  auto region = Region::Create(SpecOf(workers, threads));
  if (!region) return region.error();
  // Fresh memory is zero, which is the initial value of everything.
  return Scoreboard(*std::move(region), workers, threads);
}

Result<Scoreboard> Scoreboard::Over(Region region, int workers, int threads) {
  if (workers <= 0 || threads <= 0 || region.spec() != SpecOf(workers, threads)) {
    return Error{ErrorCode::kInvalid, "the scoreboard is not one of this server's"};
  }
  return Scoreboard(std::move(region), workers, threads);
}

Scoreboard::Scoreboard(Region region, int workers, int threads)
    : region_(std::move(region)), workers_(workers), threads_(threads) {}

Scoreboard::Header& Scoreboard::header() const {
  return *reinterpret_cast<Header*>(region_.data());
}

WorkerCounters& Scoreboard::counters(int worker_id) {
  UWSGI_CHECK(worker_id >= 1 && worker_id <= workers());
  const auto index = static_cast<std::size_t>(worker_id - 1);
  return *reinterpret_cast<WorkerCounters*>(At(kHeaderSize + index * kCountersSize));
}

ProcessSlot& Scoreboard::process(int slot) {
  UWSGI_CHECK(slot >= 0 && slot < process_slots());
  const std::size_t first = kHeaderSize + static_cast<std::size_t>(workers()) * kCountersSize;
  const auto index = static_cast<std::size_t>(slot);
  return *reinterpret_cast<ProcessSlot*>(At(first + index * ProcessBlockSize(threads())));
}

ThreadSlot& Scoreboard::thread(int slot, int core) {
  UWSGI_CHECK(core >= 0 && core < threads());
  auto* base = reinterpret_cast<std::byte*>(&process(slot)) + kProcessSize;
  return reinterpret_cast<ThreadSlot*>(base)[core];
}

NotedNames& Scoreboard::noted_headers() { return header().noted_headers; }

std::atomic<std::uint64_t>& Scoreboard::total_requests() { return header().total_requests; }

std::atomic<std::int32_t>& Scoreboard::passed_on() { return header().passed_on; }

std::uint32_t Scoreboard::waiting_requests() {
  std::uint32_t sum = static_cast<std::uint32_t>(std::max(0, passed_on().load()));
  for (int slot = 0; slot < process_slots(); ++slot) sum += process(slot).waiting_requests;
  return sum;
}

std::string DescribeProcess(Scoreboard& scoreboard, int slot) {
  const ProcessSlot& process = scoreboard.process(slot);
  std::string text =
      fmt::format("worker {} (pid: {}): {} requests, {} of {} threads busy",
                  process.worker_id.load(), process.pid.load(), process.requests.load(),
                  process.busy_threads.load(), scoreboard.threads());
  for (int core = 0; core < scoreboard.threads(); ++core) {
    const std::uint32_t lock = scoreboard.thread(slot, core).lock_waited_for;
    if (lock != 0) text += fmt::format(", thread {} waits for lock {}", core, lock - 1);
  }
  return text;
}

void ResetProcess(Scoreboard& scoreboard, int slot) {
  ProcessSlot& process = scoreboard.process(slot);
  process.pid = 0;
  process.worker_id = 0;
  process.state = WorkerState::kFree;
  process.told = 0;
  process.busy_threads = 0;
  process.waiting_requests = 0;
  process.running_since_ns = 0;
  process.stuck_at_ns = 0;
  process.requests = 0;
  process.spawned_at = 0;
  process.rss = 0;
  process.vsz = 0;
  for (int core = 0; core < scoreboard.threads(); ++core) {
    ThreadSlot& thread = scoreboard.thread(slot, core);
    thread.started_ns = 0;
    thread.deadline_ns = 0;
    thread.requests = 0;
    thread.lock_waited_for = 0;
  }
}

void EnterSlot(Scoreboard& scoreboard, int worker_id, int slot) {
  ResetProcess(scoreboard, slot);
  ProcessSlot& process = scoreboard.process(slot);
  process.pid = ::getpid();
  process.worker_id = worker_id;
  process.spawned_at = std::time(nullptr);
  process.state = WorkerState::kStarting;
  WorkerCounters& counters = scoreboard.counters(worker_id);
  counters.last_spawn = process.spawned_at.load();
  ++counters.respawn_count;
}

}  // namespace uwsgi
