// SPDX-License-Identifier: MIT

#include "worker/access_log.h"

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <utility>

#include "base/c_locale.h"
#include "base/log.h"
#include "os/system_info.h"

namespace uwsgi {
namespace {

// A batch is written when it reaches this, so that the log is never far behind.
constexpr std::size_t kBatch = 16 * 1024;

std::string Ctime(std::time_t time) {
  std::string text;
  AppendLocalTime(time, "%a %b %e %H:%M:%S %Y", text);
  return text;
}

}  // namespace

Result<AccessLog> AccessLog::Create(const LogOptions& options) {
  protocol::RequestLogOptions format;
  format.format = options.log_format;
  format.date = options.log_date;
  format.formats_time = options.log_format_strftime;
  format.micros = options.log_micros;
  format.memory_report = options.memory_report;
  format.x_forwarded_for = options.log_x_forwarded_for;
  auto compiled = protocol::RequestLogFormat::Compile(format);
  if (!compiled) return std::move(compiled).error();
  return AccessLog(options, *std::move(compiled));
}

AccessLog::AccessLog(const LogOptions& options, protocol::RequestLogFormat format)
    : options_(options), format_(std::move(format)), pid_(::getpid()) {}

// Only right after Create, before any thread uses it.
AccessLog::AccessLog(AccessLog&& other) noexcept
    : options_(std::move(other.options_)), format_(std::move(other.format_)), pid_(other.pid_) {}

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
  WriteLog(buffer_);
  buffer_.clear();
}

}  // namespace uwsgi
