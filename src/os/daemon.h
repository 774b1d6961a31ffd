// SPDX-License-Identifier: MIT
//
// Detaching from the terminal. The launcher, which the shell waits for, stays until the
// daemon has said how its start went; so a failure to bind still reaches the shell.

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi::os {

// The daemon's word to its launcher. Only the first one counts. A daemon that ends without one
// makes the launcher fail. Without a launcher (no daemonize) nothing happens.
class StartReport {
 public:
  StartReport() = default;
  explicit StartReport(UniqueFd pipe) : pipe_(std::move(pipe)) {}

  // The launcher ends with status 0.
  void Started();
  // The launcher prints `message`, if there is one, and ends with `exit_status`.
  void Failed(int exit_status, std::string_view message);

 private:
  UniqueFd pipe_;
};

// What Daemonize returns, in two processes.
struct Daemonized {
  bool is_launcher = false;
  int exit_status = 0;  // The launcher's, who has nothing more to do.
  StartReport report;   // The daemon's.
};

// Forks twice and starts a session; must be called while the process has one thread. In the
// daemon standard input is /dev/null, output and errors go to `log_file`, which is opened before
// the fork. The working directory and the umask stay. In the launcher it returns when the daemon
// has reported or died.
Result<Daemonized> Daemonize(const std::string& log_file);

// Makes descriptors 1 and 2 append to a log, as os/open_log.h opens it: logto.
Result<void> RedirectOutput(const std::string& log);

}  // namespace uwsgi::os
