// SPDX-License-Identifier: MIT
//
// What one running server has besides its processes: its log, its place, its identity,
// its pidfiles and its sockets. Taken in uWSGI's order, given back at the end.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "log/log_files.h"
#include "log/options.h"
#include "master/listener_set.h"
#include "master/master.h"
#include "master/options.h"
#include "os/daemon.h"
#include "os/listen_options.h"
#include "os/pidfile.h"
#include "os/process_options.h"
#include "os/service_manager.h"
#include "tls/options.h"
#include "uwsgi/listener.h"

namespace uwsgi {

// What an instance is started by.
struct InstanceOptions {
  const MasterOptions& master;
  const ProcessOptions& process;
  const LogOptions& log;
  const ListenOptions& listen;
  const TlsOptions& tls;
  int threads;  // Of each worker.
};

class Instance {
 public:
  Instance() = default;
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // In this order: daemonize; the log and the banner; limits and umask; pidfile, as the
  // user that started us; chdir; TCP sockets and those with chown-socket; uid and gid; the other
  // sockets; pidfile2, safe-pidfiles and, with logto2, the log.
  //
  // Returns nothing in the process that is to serve. Otherwise that was all, and the exit status
  // is: in the process that the shell waits for, or after a failure, which was logged.
  std::optional<int> Start(const InstanceOptions& options);

  // Tells those who wait for the start: with daemonize2 the shell, and the service manager.
  void OnServing();

  // What a master of this instance tells it. Outlives that master.
  Master::Settings MasterSettings();

  // Removes what Start made, as far as `vacuum` says so, and returns `exit_status`, the server's.
  int Finish(int exit_status);

  ListenerSet& listeners() { return listeners_; }
  // What the configuration of the start asked for.
  const std::vector<Listener>& open_listeners() const { return open_listeners_; }

 private:
  Result<std::optional<int>> Detach(const InstanceOptions& options);
  Result<void> Take(const InstanceOptions& options);
  Result<void> OpenLog(const LogOptions& options);
  static Result<void> LimitFiles(std::uint64_t max_fd, const MasterOptions& options);
  Result<void> TakePlace(const ProcessOptions& options);
  Result<void> OpenSockets(const InstanceOptions& options);
  Result<void> WritePidfile(const std::string& path);
  void OnReload(const os::ReloadProgress& progress);

  bool vacuum_ = true;
  os::StartReport report_;
  os::ServiceManager service_manager_;
  std::optional<LogFiles> log_files_;
  ListenerSet listeners_;
  std::vector<Listener> open_listeners_;
  std::vector<os::Pidfile> pidfiles_;
};

// Carries out --stop and --reload: signals the living server that owns the pidfile, or says why
// there is none. Returns the exit status: 0 when it was signalled, 1 when the file can not be read
// or is none, 255 when its server is gone.
//
// With `wait`, a stop returns when that server has ended. A reload returns 0 when a generation
// serves that was begun after this call, and no other one accepts any more; 1 when the reload
// failed, the server ended instead, or ten minutes have passed.
int StopServer(const std::string& pidfile, bool wait);
int ReloadServer(const std::string& pidfile, bool wait);

}  // namespace uwsgi
