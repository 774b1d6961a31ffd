// SPDX-License-Identifier: MIT

#include "os/log_outputs.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "os/process.h"

namespace uwsgi::os {
namespace {

UniqueFd Duplicate(int fd) { return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)); }

}  // namespace

LogOutputs::LogOutputs() : output_(Duplicate(STDOUT_FILENO)), error_(Duplicate(STDERR_FILENO)) {
  held_.Note(output_.get(), "the copy of standard output");
  held_.Note(error_.get(), "the copy of standard error");
}

std::optional<int> LogOutputs::Restore() {
  std::optional<int> restored;
  const std::pair<int, const UniqueFd&> all[] = {{STDOUT_FILENO, output_}, {STDERR_FILENO, error_}};
  for (const auto& [number, kept] : all) {
    if (fcntl(number, F_GETFD) >= 0 || !held_.IsIntact(kept.get())) continue;
    if (dup2(kept.get(), number) >= 0) restored = number;
  }
  OpenStandardFds();
  return restored;
}

UniqueFd AboveStandardFds(UniqueFd fd) {
  return fd.get() > STDERR_FILENO ? std::move(fd) : Duplicate(fd.get());
}

}  // namespace uwsgi::os
