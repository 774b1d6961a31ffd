// SPDX-License-Identifier: MIT

#include "log/log_pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/log.h"

namespace uwsgi {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
// A turn of the loop takes a megabyte at most, which is also what the pipe holds if it may.
constexpr std::size_t kReadsInATurn = 16;
constexpr int kPipeSize = 1 << 20;
// A longer line is written in pieces.
constexpr std::size_t kLongestLine = 256 * 1024;

void LogPrinted(std::string_view text) {
  if (text.empty()) return;
  Log({.kind = LogKind::kApplication, .form = LogForm::kEncoded, .text = text});
}

}  // namespace

Result<std::unique_ptr<LogPipe>> LogPipe::Open(os::EventLoop& loop, LogFiles& files) {
  std::unique_ptr<LogPipe> pipe(new LogPipe(files));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return SystemError("cannot make the log's pipe", errno);
  pipe->read_end_.reset(ends[0]);
  pipe->write_end_.reset(ends[1]);
  // Room for bursts; a smaller one works too.
  (void)::fcntl(ends[1], F_SETPIPE_SZ, kPipeSize);
  const bool watching =
      ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 &&
      pipe->watcher_.Start(
          loop, ends[0], os::FdWatcher::kReadable,
          [](void* self, int) { static_cast<LogPipe*>(self)->Drain(); }, pipe.get());
  if (!watching) return Error{ErrorCode::kSystem, "cannot watch the log's pipe"};
  SetLogRoutes({{.sink = pipe.get()}});
  return pipe;
}

LogPipe::~LogPipe() {
  if (!watcher_.is_open()) return;
  watcher_.Close();
  Drain();
  LogPrinted(rest_);
  SetLogRoutes({{.sink = &files_}});
}

void LogPipe::Write(const LogRecord& record, std::string_view text) {
  if (record.kind != LogKind::kApplication) Drain();
  files_.Write(record, text);
}

void LogPipe::Drain() {
  std::array<char, kReadSize> buffer;
  for (std::size_t reads = 0; reads < kReadsInATurn; ++reads) {
    const ssize_t size = ::read(read_end_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) {
      LogPrinted(std::exchange(rest_, {}));
      return;
    }
    rest_.append(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t end = rest_.size() > kLongestLine ? rest_.size() : rest_.rfind('\n') + 1;
    LogPrinted(std::string_view(rest_).substr(0, end));
    rest_.erase(0, end);
  }
}

}  // namespace uwsgi
