// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "base/result.h"
#include "protocol/request_log.h"
#include "uwsgi/options.h"

namespace uwsgi {

// The request log: decides which requests get a line, and writes the lines in batches.
//
// Lines of several workers go to the same log and stay whole: see base/log_output.h. Thread-safe.
class AccessLog {
 public:
  static Result<AccessLog> Create(const LogOptions& options);
  AccessLog(AccessLog&& other) noexcept;
  AccessLog& operator=(AccessLog&&) = delete;

  // True when a request with this outcome is logged.
  bool Wants(const protocol::RequestRecord& record, bool forced) const;
  // Appends the line; fills in what does not depend on the request.
  void Append(protocol::RequestRecord& record);
  // Writes what was appended. The loop calls this before it waits, and the worker at its end.
  void Flush();

 private:
  AccessLog(const LogOptions& options, protocol::RequestLogFormat format);
  void FlushLocked();

  LogOptions options_;
  protocol::RequestLogFormat format_;
  pid_t pid_ = 0;
  std::mutex mutex_;
  std::string buffer_;        // Whole lines; guarded.
  std::int64_t second_ = -1;  // Of start_ctime_; guarded.
  std::string start_ctime_;
};

}  // namespace uwsgi
