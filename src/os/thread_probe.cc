// SPDX-License-Identifier: MIT

#include "os/thread_probe.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace uwsgi::os {
namespace {

// The clock that pthread_getcpuclockid would name, without a pthread_t.
clockid_t CpuClockOf(pid_t tid) {
  return static_cast<clockid_t>((~static_cast<unsigned>(tid) << 3) | 6U);
}

}  // namespace

bool ThreadProbe::IsWaiting() const {
  const std::string path = "/proc/self/task/" + std::to_string(tid_) + "/stat";
  const UniqueFd stat(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 128> text;
  const ssize_t size = ::read(stat.get(), text.data(), text.size());
  if (size <= 0) return true;
  // "tid (name) S ...": the name may hold anything, and is short.
  const std::string_view line(text.data(), static_cast<std::size_t>(size));
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string_view::npos || end_of_name + 2 >= line.size()) return true;
  return line[end_of_name + 2] != 'R';
}

std::int64_t ThreadProbe::CpuNs() const {
  timespec used{};
  if (::clock_gettime(CpuClockOf(tid_), &used) != 0) return 0;
  return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

ThreadUsage OwnUsage() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  // The times in `used` are up to a tick of the scheduler old.
  timespec cpu{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  return {std::int64_t{cpu.tv_sec} * 1'000'000 + cpu.tv_nsec / 1000, used.ru_nvcsw};
}

}  // namespace uwsgi::os
