// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace uwsgi::os {

// How a process ended.
struct ExitStatus {
  int code = 0;    // Of exit; meaningless after a signal.
  int signal = 0;  // That killed it; 0 when it exited.

  // From waitpid's status word.
  static ExitStatus FromWait(int status);

  bool ok() const { return signal == 0 && code == 0; }
  std::string Text() const;  // "exited with status 22", "was killed by signal 9 (Killed)"
};

struct Reaped {
  pid_t pid = 0;
  ExitStatus status;
};

// Whether it is a child of this process that nobody has waited for yet: its pid is nobody else's.
bool IsChild(pid_t pid);
// Any child that has ended, without waiting. Nothing when there is none.
std::optional<Reaped> TryReap();
// Waits until the child has ended: only for children that end at once. Nothing when somebody else
// has reaped it: code of the application, or the kernel where SIGCHLD is ignored.
std::optional<ExitStatus> WaitFor(pid_t pid);

}  // namespace uwsgi::os
