// SPDX-License-Identifier: MIT
//
// The file that says which process is the server. It holds "%d\n", as tools expect it, and that
// process locks the first bytes of it, as many as its pid, for as long as it lives. So a number
// that was left behind, or written by somebody else, never gets anybody signalled.

#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "os/created_file.h"

namespace uwsgi::os {

// Owned by the master, for its whole life. Children drop the lock at exec.
class Pidfile {
 public:
  // Writes this process's pid. kBusy "already running as pid N" while another server holds
  // the file; the file of a dead one is taken over.
  static Result<Pidfile> Create(const std::string& path);

  // Unlinks it, if it is still ours, and logs so (vacuum).
  void Vacuum();

  const std::string& path() const { return file_.path; }

 private:
  Pidfile(UniqueFd fd, CreatedFile file) : fd_(std::move(fd)), file_(std::move(file)) {}

  UniqueFd fd_;  // Holds the lock.
  CreatedFile file_;
};

// The pid of the living server that owns the file: --stop and --reload may signal it.
//
// kNotFound when there is no such file, kDenied when it can not be read; kInvalid when it is empty,
// malformed or no positive number, kClosed when its server is gone or is another process.
Result<pid_t> ReadServerPid(const std::string& path);

}  // namespace uwsgi::os
