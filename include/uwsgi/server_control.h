// SPDX-License-Identifier: MIT
//
// What an application may ask of, and tell, the server that runs it: the ground of
// the `uwsgi` Python module.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uwsgi {

// What one application has done in one worker.
struct AppSnapshot {
  std::uint64_t requests = 0;
  std::uint64_t exceptions = 0;
};

// One worker's counters, as uwsgi.workers() and the stats server report them.
struct WorkerSnapshot {
  int id = 0;  // From 1.
  pid_t pid = 0;
  std::uint64_t requests = 0;
  std::uint64_t delta_requests = 0;  // Since the last spawn.
  std::uint64_t exceptions = 0;
  std::uint64_t harakiri_count = 0;
  std::string_view status = "idle";  // "idle", "busy", "cheap", "pause"
  std::uint64_t rss = 0;             // Bytes; 0 unless memory-report is on.
  std::uint64_t vsz = 0;
  std::uint64_t running_time = 0;  // Microseconds.
  std::time_t last_spawn = 0;
  std::uint64_t respawn_count = 0;  // 1 after the first spawn.
  std::uint64_t tx = 0;             // Bytes sent.
  std::uint64_t avg_rt = 0;         // Microseconds.
  bool accepting = false;
  std::vector<AppSnapshot> apps;  // By application id; the last one stands for all beyond it.
};

// Every method may be called from any thread, in the zygote and in workers.
class ServerControl {
 public:
  virtual ~ServerControl() = default;

  virtual int worker_id() const = 0;     // 0 outside of workers.
  virtual pid_t master_pid() const = 0;  // The zygote's own pid while it loads; 0 without a master.
  virtual int worker_count() const = 0;
  virtual int threads() const = 0;
  virtual std::time_t started_on() const = 0;
  virtual bool is_a_reload() const = 0;
  virtual std::uint64_t total_requests() const = 0;
  virtual std::vector<WorkerSnapshot> Workers() const = 0;
  virtual std::vector<int> listening_fds() const = 0;
  // How many connections to this listening socket nobody has accepted yet; 0 if nobody knows.
  virtual std::uint32_t queued_connections(int fd) const = 0;
  virtual std::uint64_t buffer_size() const = 0;
  virtual std::string program() const = 0;  // Its path: what starts another such server.

  // Asks the master to reload (SIGHUP) or stop (SIGTERM). False without a master.
  virtual bool RequestReload() = 0;
  virtual bool RequestStop() = 0;
  // Pauses or resumes accepting in this worker (uwsgi.accepting).
  virtual void SetAccepting(bool accepting) = 0;
  // The worker's thread of `core` has waited for a lock for a second, or, without a number, no
  // longer waits: the status shows it.
  virtual void ShowLockWait(int core, std::optional<int> lock) = 0;
  // Sets this process's title, as ps shows it (uwsgi.setprocname).
  virtual void SetProcessName(const std::string& name) = 0;
};

}  // namespace uwsgi
