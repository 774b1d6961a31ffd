// SPDX-License-Identifier: MIT

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "log/options.h"
#include "protocol/request_log.h"

namespace uwsgi {

// Decides which requests get a line, and logs the lines in batches, each as one record.
// Thread-safe.
class RequestLog {
 public:
  static Result<RequestLog> Create(const LogOptions& options);
  RequestLog(RequestLog&& other) noexcept;
  RequestLog& operator=(RequestLog&&) = delete;

  // True when a request with this outcome is logged.
  bool Wants(const protocol::RequestRecord& record, bool forced) const;
  // Appends the line; fills in what does not depend on the request.
  void Append(protocol::RequestRecord& record);
  // Writes what was appended. The loop calls this before it waits, and the worker at its end.
  void Flush();

 private:
  RequestLog(const LogOptions& options, std::unique_ptr<const protocol::RequestEncoder> encoder);
  void FlushLocked();

  LogOptions options_;
  std::unique_ptr<const protocol::RequestEncoder> encoder_;
  pid_t pid_ = 0;
  std::mutex mutex_;
  std::string buffer_;        // Whole lines; guarded.
  std::int64_t second_ = -1;  // Of start_ctime_; guarded.
  std::string start_ctime_;
};

}  // namespace uwsgi
