// SPDX-License-Identifier: MIT

#include "os/read_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "base/unique_fd.h"

namespace uwsgi::os {
namespace {

constexpr std::size_t kLargest = std::size_t{16} << 20;
constexpr timespec kLongestSilence{.tv_sec = 10, .tv_nsec = 0};

Error CannotRead(std::string_view what, const std::string& path) {
  const int error_number = errno;
  return SystemError(fmt::format("cannot read {}{}", what, path), error_number);
}

// Waits until a descriptor that is no file has something to say, or its end.
Result<void> Await(int fd, std::string_view what, const std::string& path) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  for (const int signum : {SIGTERM, SIGINT, SIGQUIT}) sigdelset(&mask, signum);
  pollfd polled{fd, POLLIN, 0};
  // Whoever types may take their time.
  const int ready = ppoll(&polled, 1, path == "-" ? nullptr : &kLongestSilence, &mask);
  if (ready < 0) return CannotRead(what, path);
  if (ready > 0) return {};
  return Error{ErrorCode::kTimeout, fmt::format("cannot read {}{}: nobody has written to it for {} "
                                                "seconds",
                                                what, path, kLongestSilence.tv_sec)};
}

bool IsFile(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::string_view what) {
  UniqueFd file(path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                            : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return CannotRead(what, path);
  const bool is_file = IsFile(file.get());
  std::string text;
  std::array<char, 65536> block;
  while (true) {
    if (!is_file) {
      if (auto waited = Await(file.get(), what, path); !waited) return waited.error();
    }
    const ssize_t size = read(file.get(), block.data(), block.size());
    if (size == 0) return text;
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) return CannotRead(what, path);
    text.append(block.data(), static_cast<std::size_t>(size));
    if (text.size() > kLargest) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("cannot read {}{}: larger than 16 MiB", what, path)};
    }
  }
}

}  // namespace uwsgi::os
