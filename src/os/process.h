// SPDX-License-Identifier: MIT
//
// Starting programs, and what ties processes together.

#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/key_value.h"
#include "base/quantities.h"
#include "base/result.h"

namespace uwsgi::os {

// Orphans below this process become its children, however deep they were forked.
Result<void> BecomeSubreaper();

// The kernel sends `signum` to this process when the thread that forked it ends. False when that
// has happened already: `parent` is who it should be. Cleared by setuid and by exec of set-uid
// files.
bool DieWithParent(pid_t parent, int signum);

// A descriptor of this process and its number in the child.
struct FdMapping {
  int from = -1;
  int to = -1;
};

struct SpawnRequest {
  std::string program;                 // A path, such as /proc/self/exe.
  std::vector<std::string> arguments;  // With argv[0].
  std::vector<FdMapping> fds;          // Besides 0, 1 and 2: every other descriptor is closed.
  std::vector<KeyValue> environment;   // Added to the environment of this process.
  std::vector<std::string> without;    // Variables that it does not inherit.
  bool die_with_parent = false;        // SIGKILL when this process ends.
  std::vector<int> blocked;            // Signals that wait until the program lets them through.
  bool own_group = false;  // In a process group of its own: a signal to this one's is not for it.
};

// Starts the program, with default signal handling. Returns when it
// has been exec'd, or why it could not be.
Result<pid_t> Spawn(const SpawnRequest& request);

// Becomes the program, in this process, with `environment` added to its environment, from which
// `without` is taken before. Returns why it can not.
Error Become(const std::string& program, std::vector<std::string> arguments,
             const std::vector<KeyValue>& environment, const std::vector<std::string>& without);

// Marks every descriptor from `first` on close-on-exec.
void SetCloseOnExecFrom(int first);

// A peer that is gone and a full quota are errors of the write, and not the end of the process.
void IgnoreWriteSignals();

// Makes sure that 0, 1 and 2 are open, so that no socket ever gets one of these numbers.
void OpenStandardFds();

// max-fd and limit-as. Raising a hard limit takes privileges.
Result<void> SetOpenFileLimit(std::uint64_t files);
Result<void> SetAddressSpaceLimit(MebiBytes size);
std::uint64_t OpenFileLimit();
// Raises the soft limit to `files`, or to the hard limit if that is lower.
void RaiseOpenFileLimit(std::uint64_t files);

}  // namespace uwsgi::os
