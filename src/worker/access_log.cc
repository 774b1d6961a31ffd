// SPDX-License-Identifier: MIT

#include "worker/access_log.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <limits>
#include <string_view>
#include <utility>

#include "os/system_info.h"

namespace uwsgi {
namespace {

constexpr int kLogFd = 2;
// A batch is written when it reaches this, so that the log is never far behind.
constexpr std::size_t kBatch = 16 * 1024;

std::string Ctime(std::time_t time) {
  std::tm local{};
  localtime_r(&time, &local);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Y", &local);
  return {text.data(), size};
}

// Bytes of one write that other processes' lines do not come between.
std::size_t AtomicSize(int fd) {
  struct stat status {};
  const bool is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  return is_file ? std::numeric_limits<std::size_t>::max() : PIPE_BUF;
}

// As many whole lines of `lines` as a write of `most` bytes may hold; at least one.
std::size_t WholeLines(std::string_view lines, std::size_t most) {
  if (lines.size() <= most) return lines.size();
  const std::size_t end = lines.substr(0, most).rfind('\n');
  if (end != std::string_view::npos) return end + 1;
  return lines.find('\n') + 1;
}

}  // namespace

Result<AccessLog> AccessLog::Create(const LogOptions& options) {
  protocol::RequestLogOptions format;
  format.format = options.log_format;
  format.date = options.log_date;
  format.strftime = options.log_format_strftime;
  format.micros = options.log_micros;
  format.memory_report = options.memory_report;
  format.x_forwarded_for = options.log_x_forwarded_for;
  auto compiled = protocol::RequestLogFormat::Compile(format);
  if (!compiled) return std::move(compiled).error();
  return AccessLog(options, *std::move(compiled));
}

AccessLog::AccessLog(const LogOptions& options, protocol::RequestLogFormat format)
    : options_(options),
      format_(std::move(format)),
      pid_(::getpid()),
      most_at_once_(AtomicSize(kLogFd)) {}

// Only right after Create, before any thread uses it.
AccessLog::AccessLog(AccessLog&& other) noexcept
    : options_(std::move(other.options_)),
      format_(std::move(other.format_)),
      pid_(other.pid_),
      most_at_once_(other.most_at_once_) {}

bool AccessLog::Wants(const protocol::RequestRecord& record, bool forced) const {
  if (forced || !options_.disable_logging) return true;
  if (options_.log_5xx && record.status >= 500) return true;
  if (options_.log_4xx && record.status >= 400 && record.status < 500) return true;
  if (options_.log_zero && record.body_bytes == 0) return true;
  if (options_.log_big.bytes > 0 && record.body_bytes >= options_.log_big.bytes) return true;
  if (options_.log_slow.count() > 0 && record.duration >= options_.log_slow) return true;
  if (options_.log_sendfile && !record.via.empty()) return true;
  return options_.log_ioerror && record.write_errors + record.read_errors > 0;
}

void AccessLog::Append(protocol::RequestRecord& record) {
  record.pid = pid_;
  if (options_.memory_report) {
    const os::MemoryUsage usage = os::ReadMemoryUsage();
    record.resident = usage.rss;
    record.address_space = usage.vsz;
  }
  const std::time_t start = std::chrono::system_clock::to_time_t(record.request->started_at);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (start != second_) {
    second_ = start;
    start_ctime_ = Ctime(start);
  }
  record.start_ctime = start_ctime_;
  format_.Append(record, buffer_);
  if (buffer_.size() >= kBatch) FlushLocked();
}

void AccessLog::Flush() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!buffer_.empty()) FlushLocked();
}

void AccessLog::FlushLocked() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const std::size_t size = WholeLines(rest, most_at_once_);
    const ssize_t written = ::write(kLogFd, rest.data(), size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;  // A log that cannot be written must not stop the service.
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

}  // namespace uwsgi
