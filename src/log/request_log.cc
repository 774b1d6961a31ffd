// SPDX-License-Identifier: MIT

#include "log/request_log.h"

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <memory>
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

Result<RequestLog> RequestLog::Create(const LogOptions& options) {
  protocol::RequestLogOptions format;
  format.format = options.log_format;
  format.date = options.log_date;
  format.formats_time = options.log_format_strftime;
  format.micros = options.log_micros;
  format.memory_report = options.memory_report;
  format.x_forwarded_for = options.log_x_forwarded_for;
  auto compiled = protocol::RequestLogFormat::Compile(format);
  if (!compiled) return std::move(compiled).error();
  return RequestLog(options, std::make_unique<protocol::RequestLogFormat>(*std::move(compiled)));
}

RequestLog::RequestLog(const LogOptions& options,
                       std::unique_ptr<const protocol::RequestEncoder> encoder)
    : options_(options), encoder_(std::move(encoder)), pid_(::getpid()) {}

// Only right after Create, before any thread uses it.
RequestLog::RequestLog(RequestLog&& other) noexcept
    : options_(std::move(other.options_)), encoder_(std::move(other.encoder_)), pid_(other.pid_) {}

bool RequestLog::Wants(const protocol::RequestRecord& record, bool forced) const {
  if (forced || !options_.disable_logging) return true;
  if (options_.log_5xx && record.status >= 500) return true;
  if (options_.log_4xx && record.status >= 400 && record.status < 500) return true;
  if (options_.log_zero && record.body_bytes == 0) return true;
  if (options_.log_big.bytes > 0 && record.body_bytes >= options_.log_big.bytes) return true;
  if (options_.log_slow.count() > 0 && record.duration >= options_.log_slow) return true;
  if (options_.log_sendfile && !record.via.empty()) return true;
  return options_.log_ioerror && record.write_errors + record.read_errors > 0;
}

void RequestLog::Append(protocol::RequestRecord& record) {
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
  encoder_->Append(record, buffer_);
  if (buffer_.size() >= kBatch) FlushLocked();
}

void RequestLog::Flush() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!buffer_.empty()) FlushLocked();
}

void RequestLog::FlushLocked() {
  Log({.kind = LogKind::kRequest, .form = LogForm::kEncoded, .text = buffer_});
  buffer_.clear();
}

}  // namespace uwsgi
