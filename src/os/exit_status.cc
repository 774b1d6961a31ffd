// SPDX-License-Identifier: MIT

#include "os/exit_status.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cerrno>

#include "base/c_locale.h"

namespace uwsgi::os {

ExitStatus ExitStatus::FromWait(int status) {
  if (WIFSIGNALED(status)) return {.code = 0, .signal = WTERMSIG(status)};
  return {.code = WEXITSTATUS(status), .signal = 0};
}

std::string ExitStatus::Text() const {
  if (signal == 0) return fmt::format("exited with status {}", code);
  return fmt::format("was killed by signal {} ({})", signal, SignalText(signal));
}

bool IsChild(pid_t pid) {
  siginfo_t ignored;
  return pid > 0 &&
         waitid(P_PID, static_cast<id_t>(pid), &ignored, WEXITED | WNOHANG | WNOWAIT) == 0;
}

std::optional<Reaped> TryReap() {
  int status = 0;
  const pid_t reaped = waitpid(-1, &status, WNOHANG);
  if (reaped <= 0) return std::nullopt;
  return Reaped{reaped, ExitStatus::FromWait(status)};
}

std::optional<ExitStatus> WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return std::nullopt;
  }
  return ExitStatus::FromWait(status);
}

}  // namespace uwsgi::os
