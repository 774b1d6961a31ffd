// SPDX-License-Identifier: MIT

#include "zygote/fork_worker.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/app_fork.h"
#include "os/exit_status.h"

namespace uwsgi {
namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> MakePipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return SystemError("cannot make a pipe", errno);
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// What the intermediate process says: a pid, or a negative errno.
Result<pid_t> ReadPid(int fd) {
  std::int32_t answer = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, &answer, sizeof answer);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof answer) {
    return Error{ErrorCode::kSystem, "cannot fork a worker: the process between was killed"};
  }
  if (answer < 0) return SystemError("cannot fork a worker", -answer);
  return pid_t{answer};
}

}  // namespace

Result<ForkedWorker> ForkedWorker::Fork() {
  auto report = MakePipe();
  if (!report) return report.error();
  auto gate = MakePipe();
  if (!gate) return gate.error();

  const ServerFork own;
  const pid_t intermediate = ::fork();
  if (intermediate < 0) return SystemError("cannot fork a worker", errno);
  if (intermediate == 0) {
    gate->write.reset();
    const pid_t worker = ::fork();
    if (worker == 0) {
      report->write.reset();
      return ForkedWorker(0, std::move(gate->read));
    }
    const std::int32_t answer = worker > 0 ? worker : -errno;
    [[maybe_unused]] const ssize_t written = ::write(report->write.get(), &answer, sizeof answer);
    ::_exit(0);
  }

  report->write.reset();
  const auto pid = ReadPid(report->read.get());
  static_cast<void>(os::WaitFor(intermediate));  // It has said everything.
  if (!pid) return pid.error();
  return ForkedWorker(*pid, std::move(gate->write));
}

void ForkedWorker::OpenGate() {
  const char open = 1;
  // A worker that is gone already has no use for it; SIGPIPE is ignored in every process.
  [[maybe_unused]] const ssize_t written = ::write(gate_.get(), &open, 1);
  gate_.reset();
}

bool ForkedWorker::PassGate() {
  char open = 0;
  ssize_t got = 0;
  do {
    got = ::read(gate_.get(), &open, 1);
  } while (got < 0 && errno == EINTR);
  gate_.reset();
  return got == 1;
}

}  // namespace uwsgi
