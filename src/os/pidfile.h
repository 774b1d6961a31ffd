// SPDX-License-Identifier: MIT
//
// The file that says which process is the server, and how far that one has come with reloads.
//
// It holds "%d\n" and nothing else, for tools parse it. The rest is said by locks, which the server
// holds on bytes that need not exist; the length of each is a number:
//
//   bytes from   their number that is locked
//   0            the pid
//   1 << 32      reloads begun
//   2 << 32      reloads through, twice, and one more if the last of them failed
//
// So a number in the file that was left behind, or written by somebody else, never gets anybody
// signalled. Whoever can read the file can read the locks; only who may write it can set them; they
// change at once, leave nothing behind and end with the server, however it ends. A second file, a
// socket or the title of the process would lack one of these.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "os/created_file.h"

namespace uwsgi::os {

// Reloads are numbered from 1. The last one that is through may be newer than some that others
// wait for: it has replaced them.
struct ReloadProgress {
  std::uint32_t begun = 0;    // The last one that has read its configuration, or is about to.
  std::uint32_t through = 0;  // The last one that is over, and all before it.
  bool has_failed = false;    // That one.

  bool operator==(const ReloadProgress&) const = default;
};

// Owned by the master, for its whole life. Children drop the lock at exec.
class Pidfile {
 public:
  // Writes this process's pid. kBusy "already running as pid N" while another server holds
  // the file; the file of a dead one is taken over.
  static Result<Pidfile> Create(const std::string& path);

  // Tells those who read the file. No number may fall.
  void Publish(const ReloadProgress& progress);

  // Unlinks it, if it is still ours, and logs so (vacuum).
  void Vacuum();

  const std::string& path() const { return file_.path; }

 private:
  Pidfile(UniqueFd fd, CreatedFile file) : fd_(std::move(fd)), file_(std::move(file)) {}

  UniqueFd fd_;  // Holds the locks.
  CreatedFile file_;
};

struct ServerRecord {
  pid_t pid = 0;
  ReloadProgress reloads;
};

// The living server that owns the file: --stop and --reload may signal it.
//
// kNotFound when there is no such file, kDenied when it can not be read, or root does not believe
// it (see pidfile_trust.h), or no server is what it names; kInvalid when it is empty, malformed or
// no positive number, kClosed when its server is gone or is another process.
Result<ServerRecord> ReadServer(const std::string& path);

}  // namespace uwsgi::os
