// SPDX-License-Identifier: MIT

#include "os/process_identity.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace uwsgi::os {
namespace {

// Of proc(5), counted from what follows the name in brackets.
constexpr int kStateField = 0;
constexpr int kStartField = 19;

struct Status {
  char state = '?';
  std::uint32_t started = 0;
};

// Nothing when there is no such process, or no /proc.
std::optional<Status> ReadStatus(pid_t pid) {
  const UniqueFd fd(::open(fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> buffer{};
  const ssize_t size = fd.valid() ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  if (size <= 0) return std::nullopt;
  std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  const std::size_t name_end = text.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  text.remove_prefix(name_end + 2);
  Status status{.state = text.empty() ? '?' : text.front(), .started = 0};
  for (int field = kStateField; field < kStartField; ++field) {
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    text.remove_prefix(blank + 1);
  }
  std::uint64_t ticks = 0;
  std::from_chars(text.data(), text.data() + text.size(), ticks);
  status.started = static_cast<std::uint32_t>(ticks);
  return status;
}

}  // namespace

ProcessIdentity ThisProcess() {
  // 0 in a process that was forked and has not asked yet.
  static std::atomic<ProcessIdentity> known{0};
  const ProcessIdentity before = known.load(std::memory_order_relaxed);
  if (before != 0) return before;
  static const int forgetting =
      ::pthread_atfork(nullptr, nullptr, [] { known.store(0, std::memory_order_relaxed); });
  const pid_t pid = ::getpid();
  const Status status = ReadStatus(pid).value_or(Status{});
  const ProcessIdentity identity =
      ProcessIdentity{status.started} << 32 | static_cast<std::uint32_t>(pid);
  if (forgetting == 0) known.store(identity, std::memory_order_relaxed);
  return identity;
}

bool IsAlive(ProcessIdentity identity) {
  const pid_t pid = PidOf(identity);
  if (pid <= 0) return false;
  if (::kill(pid, 0) != 0 && errno == ESRCH) return false;
  const auto status = ReadStatus(pid);
  if (!status) return ::access("/proc/self/stat", F_OK) != 0;
  return status->state != 'Z' && status->state != 'X' &&
         status->started == static_cast<std::uint32_t>(identity >> 32);
}

}  // namespace uwsgi::os
