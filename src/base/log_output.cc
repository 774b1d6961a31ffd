// SPDX-License-Identifier: MIT

#include "base/log_output.h"

#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>

#include "base/c_locale.h"
#include "base/log.h"

namespace uwsgi {
namespace {

constexpr std::chrono::minutes kImpatience{1};
// What a datagram takes of a line: it holds 64 KiB with its headers.
constexpr std::size_t kMostInADatagram = 60 * 1024;

enum class Kind { kFile, kStream, kDatagrams, kOther };

Kind KindOf(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return Kind::kOther;
  if (S_ISREG(status.st_mode)) return Kind::kFile;
  if (!S_ISSOCK(status.st_mode)) return Kind::kOther;
  int type = SOCK_STREAM;
  socklen_t size = sizeof type;
  ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
  return type == SOCK_DGRAM ? Kind::kDatagrams : Kind::kStream;
}

bool HasRoom(int fd, std::chrono::milliseconds patience) {
  pollfd polled{fd, POLLOUT, 0};
  // With an error the write tells more.
  return ::poll(&polled, 1, static_cast<int>(patience.count())) > 0;
}

// Whether the descriptor itself blocks is no matter: others share that property of it.
ssize_t WriteWithoutWaiting(int fd, std::string_view piece) {
  const iovec vector{const_cast<char*>(piece.data()), piece.size()};
  const ssize_t written = ::pwritev2(fd, &vector, 1, -1, RWF_NOWAIT);
  if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)) return written;
  // Terminals, and pipes before Linux 6.5. Another process may take the room that was seen.
  if (HasRoom(fd, std::chrono::milliseconds(0))) return ::write(fd, piece.data(), piece.size());
  errno = EAGAIN;
  return -1;
}

// A datagram has arrived or not: nobody says so. The refusal is that of an earlier one.
ssize_t SendDatagram(int fd, std::string_view line) {
  const std::size_t size = std::min(line.size(), kMostInADatagram);
  const auto send = [&] { return ::send(fd, line.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL); };
  if (send() < 0 && (errno == EAGAIN || (errno == ECONNREFUSED && send() < 0 && errno == EAGAIN))) {
    return -1;
  }
  return static_cast<ssize_t>(line.size());
}

// As many whole lines as a write of `most` bytes may hold; at least one.
std::string_view WholeLines(std::string_view lines, std::size_t most) {
  if (lines.size() <= most) return lines;
  std::size_t end = lines.substr(0, most).rfind('\n');
  if (end == std::string_view::npos) end = lines.find('\n');
  return lines.substr(0, end == std::string_view::npos ? end : end + 1);
}

std::uint64_t CountLines(std::string_view lines) {
  const auto ends = static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
  return ends + (lines.ends_with('\n') ? 0 : 1);
}

}  // namespace

struct LogOutput::Target {
  int fd;
  Kind kind = KindOf(fd);

  std::size_t most_at_once() const {
    if (kind == Kind::kFile) return std::numeric_limits<std::size_t>::max();
    return kind == Kind::kDatagrams ? 0 : PIPE_BUF;
  }
  ssize_t TryWrite(std::string_view piece) const {
    switch (kind) {
      case Kind::kFile:
        return ::write(fd, piece.data(), piece.size());
      case Kind::kStream:
        return ::send(fd, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      case Kind::kDatagrams:
        return SendDatagram(fd, piece);
      case Kind::kOther:
        break;
    }
    return WriteWithoutWaiting(fd, piece);
  }
};

void LogOutput::Write(int fd, std::string_view lines) {
  const Target target{fd};
  if (lost_.load(std::memory_order_relaxed) > 0 && !ReportLoss(target)) {
    return NoteLoss(lines, why_.load(std::memory_order_relaxed));
  }
  while (!lines.empty()) {
    const std::string_view piece = WholeLines(lines, target.most_at_once());
    if (!WritePiece(target, piece)) return NoteLoss(lines, errno);
    lines.remove_prefix(piece.size());
  }
}

bool LogOutput::WritePiece(const Target& target, std::string_view piece) {
  const Clock::time_point since = Clock::now();
  const std::size_t whole = piece.size();
  while (!piece.empty()) {
    const ssize_t written = target.TryWrite(piece);
    if (written >= 0) {
      piece.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR || (errno == EAGAIN && AwaitRoom(target.fd, since))) continue;
    if (piece.size() < whole) is_torn_.store(true, std::memory_order_relaxed);
    return false;
  }
  return true;
}

// Leaves EAGAIN behind when there was none.
bool LogOutput::AwaitRoom(int fd, Clock::time_point since) const {
  const Clock::time_point now = Clock::now();
  const bool is_patient =
      now.time_since_epoch().count() >= patient_again_.load(std::memory_order_relaxed);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(since + patience_ - now);
  // What interrupts the wait does not end it.
  if (is_patient && left.count() > 0 && (HasRoom(fd, left) || errno == EINTR)) return true;
  errno = EAGAIN;
  return false;
}

bool LogOutput::ReportLoss(const Target& target) {
  const std::uint64_t lost = lost_.exchange(0, std::memory_order_relaxed);
  if (lost == 0) return true;  // Another thread does.
  const int why = why_.load(std::memory_order_relaxed);
  std::string line = is_torn_.load(std::memory_order_relaxed) ? "\n" : "";
  line += PlainLogLine(
      LogLevel::kWarning,
      fmt::format("process {} has lost {} line{} of the log: {}", ::getpid(), lost,
                  lost == 1 ? "" : "s", why == EAGAIN ? "nobody read it" : ErrorText(why)));
  if (WritePiece(target, line)) {
    is_torn_.store(false, std::memory_order_relaxed);
    return true;
  }
  lost_.fetch_add(lost, std::memory_order_relaxed);
  return false;
}

void LogOutput::NoteLoss(std::string_view lines, int why) {
  why_.store(why, std::memory_order_relaxed);
  lost_.fetch_add(CountLines(lines), std::memory_order_relaxed);
  patient_again_.store((Clock::now() + kImpatience).time_since_epoch().count(),
                       std::memory_order_relaxed);
}

}  // namespace uwsgi
