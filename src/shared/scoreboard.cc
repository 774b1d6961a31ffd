// SPDX-License-Identifier: MIT
//
// The memory:  Layout | WorkerCounters x workers | (ProcessSlot | ThreadSlot x threads) x slots
// Every block starts on a cache line of its own, so that workers do not slow each other down.

#include "shared/scoreboard.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <utility>

#include "base/check.h"

namespace uwsgi {

struct Scoreboard::Layout {
  std::int32_t workers;
  std::int32_t threads;
  std::atomic<std::uint64_t> total_requests;
  std::atomic<std::int32_t> passed_on;
};

namespace {

constexpr std::size_t kCacheLine = 64;

constexpr std::size_t RoundUp(std::size_t size) {
  return (size + kCacheLine - 1) / kCacheLine * kCacheLine;
}

constexpr std::size_t kHeaderSize = kCacheLine;
constexpr std::size_t kCountersSize = RoundUp(sizeof(WorkerCounters));
constexpr std::size_t kProcessSize = RoundUp(sizeof(ProcessSlot));

std::size_t ProcessBlockSize(int threads) {
  return kProcessSize + RoundUp(sizeof(ThreadSlot) * static_cast<std::size_t>(threads));
}

std::size_t TotalSize(int workers, int threads) {
  const auto count = static_cast<std::size_t>(workers);
  return kHeaderSize + count * kCountersSize + count * 2 * ProcessBlockSize(threads);
}

Result<void*> MapShared(int fd, std::size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return SystemError("cannot map the scoreboard", errno);
  return memory;
}

}  // namespace

Result<Scoreboard> Scoreboard::Create(int workers, int threads) {
  UWSGI_CHECK(workers > 0 && threads > 0);
  static_assert(sizeof(Layout) <= kHeaderSize);
  UniqueFd fd(::memfd_create("uwsgi-scoreboard", MFD_CLOEXEC));
  if (!fd.valid()) return SystemError("cannot create the scoreboard", errno);
  const std::size_t size = TotalSize(workers, threads);
  if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
    return SystemError("cannot size the scoreboard", errno);
  }
  auto memory = MapShared(fd.get(), size);
  if (!memory) return memory.error();
  // Fresh memory is zero, which is the initial value of everything else.
  auto* layout = static_cast<Layout*>(*memory);
  layout->workers = workers;
  layout->threads = threads;
  return Scoreboard(std::move(fd), layout, size);
}

Result<Scoreboard> Scoreboard::Map(UniqueFd fd) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return SystemError("cannot read the scoreboard", errno);
  const auto size = static_cast<std::size_t>(info.st_size);
  auto memory = MapShared(fd.get(), size);
  if (!memory) return memory.error();
  auto* layout = static_cast<Layout*>(*memory);
  if (size < kHeaderSize || size != TotalSize(layout->workers, layout->threads)) {
    ::munmap(*memory, size);
    return Error{ErrorCode::kInvalid, "the scoreboard is not one of this server's"};
  }
  return Scoreboard(std::move(fd), layout, size);
}

Scoreboard::Scoreboard(UniqueFd fd, Layout* layout, std::size_t size)
    : fd_(std::move(fd)), layout_(layout), size_(size) {}

Scoreboard::Scoreboard(Scoreboard&& other) noexcept
    : fd_(std::move(other.fd_)),
      layout_(std::exchange(other.layout_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Scoreboard::~Scoreboard() {
  if (layout_ != nullptr) ::munmap(layout_, size_);
}

int Scoreboard::workers() const { return layout_->workers; }

int Scoreboard::threads() const { return layout_->threads; }

WorkerCounters& Scoreboard::counters(int worker_id) {
  UWSGI_CHECK(worker_id >= 1 && worker_id <= workers());
  auto* base = reinterpret_cast<std::byte*>(layout_) + kHeaderSize;
  return *reinterpret_cast<WorkerCounters*>(base + static_cast<std::size_t>(worker_id - 1) *
                                                       kCountersSize);
}

ProcessSlot& Scoreboard::process(int slot) {
  UWSGI_CHECK(slot >= 0 && slot < process_slots());
  auto* base = reinterpret_cast<std::byte*>(layout_) + kHeaderSize +
               static_cast<std::size_t>(workers()) * kCountersSize;
  return *reinterpret_cast<ProcessSlot*>(base + static_cast<std::size_t>(slot) *
                                                    ProcessBlockSize(threads()));
}

ThreadSlot& Scoreboard::thread(int slot, int core) {
  UWSGI_CHECK(core >= 0 && core < threads());
  auto* base = reinterpret_cast<std::byte*>(&process(slot)) + kProcessSize;
  return reinterpret_cast<ThreadSlot*>(base)[core];
}

std::atomic<std::uint64_t>& Scoreboard::total_requests() { return layout_->total_requests; }

std::atomic<std::int32_t>& Scoreboard::passed_on() { return layout_->passed_on; }

std::uint32_t Scoreboard::waiting_requests() {
  std::uint32_t sum = static_cast<std::uint32_t>(std::max(0, passed_on().load()));
  for (int slot = 0; slot < process_slots(); ++slot) sum += process(slot).waiting_requests;
  return sum;
}

std::string DescribeProcess(Scoreboard& scoreboard, int slot) {
  const ProcessSlot& process = scoreboard.process(slot);
  return fmt::format("worker {} (pid: {}): {} requests, {} of {} threads busy",
                     process.worker_id.load(), process.pid.load(), process.requests.load(),
                     process.busy_threads.load(), scoreboard.threads());
}

void ResetProcess(Scoreboard& scoreboard, int slot) {
  ProcessSlot& process = scoreboard.process(slot);
  process.pid = 0;
  process.worker_id = 0;
  process.state = WorkerState::kFree;
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
