// SPDX-License-Identifier: MIT

#include "os/pidfile.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "os/pidfile_trust.h"

namespace uwsgi::os {
namespace {

// Where the lock begins whose length is the number.
enum class Number : std::int64_t { kPid = 0, kBegun = 1LL << 32, kThrough = 2LL << 32 };

// A lock of the open file (not of the process): closing another descriptor of the same file
// does not lose it, and it can be looked at without being taken.
struct flock LockOf(Number number, std::int64_t length) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<std::int64_t>(number);
  lock.l_len = length;
  return lock;
}

// A lock that this file holds already grows at once.
bool Set(int fd, Number number, std::int64_t value) {
  struct flock lock = LockOf(number, value);
  return value == 0 || fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

// 0 when nobody has set it.
std::int64_t Get(int fd, Number number) {
  struct flock lock = LockOf(number, 1);
  const bool is_locked = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  return is_locked ? lock.l_len : 0;
}

Result<std::string> ReadText(int fd, const std::string& path) {
  std::array<char, 64> buffer;
  const ssize_t size = pread(fd, buffer.data(), buffer.size(), 0);
  if (size < 0) {
    Error error = SystemError("cannot read pidfile " + path, errno);
    error.code = ErrorCode::kDenied;
    return error;
  }
  std::string text(buffer.data(), static_cast<std::size_t>(size));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::optional<long> ParsePid(std::string_view text) {
  long pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return pid;
}

bool IsSameFile(int fd, const std::string& path) {
  struct stat opened;
  struct stat there;
  return fstat(fd, &opened) == 0 && stat(path.c_str(), &there) == 0 &&
         opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

ReloadProgress ReadProgress(int fd) {
  ReloadProgress progress;
  progress.begun = static_cast<std::uint32_t>(Get(fd, Number::kBegun));
  const std::int64_t through = Get(fd, Number::kThrough);
  progress.through = static_cast<std::uint32_t>(through / 2);
  progress.has_failed = through % 2 != 0;
  return progress;
}

Error NothingSignalled(const std::string& path, std::string_view why, ErrorCode code) {
  return {code, fmt::format("pidfile {} {}: nobody was signalled", path, why)};
}

}  // namespace

Result<Pidfile> Pidfile::Create(const std::string& path) {
  for (;;) {
    // Never writable for others, whatever the umask: it decides who gets signalled.
    // Root writes through nobody's link: the file that it leads to would be lost.
    const int follow = geteuid() == 0 ? O_NOFOLLOW : 0;
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | follow, 0644));
    if (!fd.valid() && errno == ELOOP && follow != 0) {
      return Error{ErrorCode::kDenied,
                   fmt::format("cannot write pidfile {}: it is a symbolic link, "
                               "which root does not follow",
                               path)};
    }
    if (!fd.valid()) return SystemError("cannot write pidfile " + path, errno);
    if (!Set(fd.get(), Number::kPid, getpid())) {
      if (errno != EAGAIN && errno != EACCES) {
        return SystemError("cannot lock pidfile " + path, errno);
      }
      return Error{ErrorCode::kBusy, fmt::format("already running as pid {} (pidfile {})",
                                                 Get(fd.get(), Number::kPid), path)};
    }
    // The last owner may have removed the file between the open and the lock.
    if (!IsSameFile(fd.get(), path)) continue;

    const std::string text = fmt::format("{}\n", getpid());
    if (ftruncate(fd.get(), 0) != 0 ||
        pwrite(fd.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
      Error error = SystemError("cannot write pidfile " + path, errno);
      unlink(path.c_str());  // An empty one would mislead whoever looks for the server.
      return error;
    }
    Result<CreatedFile> file = CreatedFile::At(path);
    if (!file) return file.error();
    return Pidfile(std::move(fd), std::move(*file));
  }
}

void Pidfile::Publish(const ReloadProgress& progress) {
  const std::int64_t through = 2LL * progress.through + (progress.has_failed ? 1 : 0);
  if (!Set(fd_.get(), Number::kThrough, through) ||
      !Set(fd_.get(), Number::kBegun, progress.begun)) {
    LogWarning("{}", SystemError("cannot lock pidfile " + path(), errno).message);
  }
}

void Pidfile::Vacuum() { VacuumPidfile(file_); }

Result<ServerRecord> ReadServer(const std::string& path) {
  const auto opened = OpenPidfile(path);
  if (!opened) return NothingSignalled(path, opened.error().message, opened.error().code);
  const int fd = opened->get();
  const auto text = ReadText(fd, path);
  if (!text) return text.error();
  if (text->empty()) return NothingSignalled(path, "is empty", ErrorCode::kInvalid);
  const std::optional<long> number = ParsePid(*text);
  if (!number) return NothingSignalled(path, "holds no process id", ErrorCode::kInvalid);
  const auto pid = static_cast<pid_t>(*number);
  if (*number <= 0 || pid != *number) {
    return NothingSignalled(path, fmt::format("holds the impossible process id {}", *number),
                            ErrorCode::kInvalid);
  }
  const bool is_alive = kill(pid, 0) == 0 || errno == EPERM;
  const std::int64_t owner = Get(fd, Number::kPid);
  if (owner == pid && is_alive) {
    if (auto may = MaySignal(fd, pid); !may) {
      return NothingSignalled(path, may.error().message, may.error().code);
    }
    return ServerRecord{pid, ReadProgress(fd)};
  }
  if (owner != pid && owner > 0) {
    return NothingSignalled(
        path, fmt::format("names process {}, but its server is process {}", pid, owner),
        ErrorCode::kClosed);
  }
  return NothingSignalled(path,
                          is_alive ? fmt::format("is stale, process {} is not its server", pid)
                                   : fmt::format("is stale, process {} does not run any more", pid),
                          ErrorCode::kClosed);
}

}  // namespace uwsgi::os
