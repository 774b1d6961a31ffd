// SPDX-License-Identifier: MIT
//
// The request log's line: uWSGI's default one to the byte, or one by log-format.
// Formatting only; log/request_log.h decides what is logged and writes it.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "uwsgi/request.h"

namespace uwsgi::protocol {

// One finished request. Views and pointers live only for the call that formats it.
struct RequestRecord {
  const Request* request = nullptr;  // An empty one where nothing could be parsed.
  pid_t pid = 0;
  int worker_id = 0;
  int app_id = -1;                 // -1: no application.
  std::int64_t app_requests = -1;  // That application was called in this worker.
  std::uint64_t total_requests = 0;
  std::string_view start_ctime;  // ctime() of the start without its newline; cached by the caller.
  std::chrono::microseconds duration{0};
  int status = 500;
  std::uint64_t body_bytes = 0;
  int header_count = 0;
  std::uint64_t header_bytes = 0;   // With the status line.
  int switches = 0;                 // Pieces of body.
  std::string_view via;             // "sendfile()", "offload()", "route()" or empty.
  std::uint64_t address_space = 0;  // Bytes, for memory-report.
  std::uint64_t resident = 0;
  std::uint32_t write_errors = 0;
  std::uint32_t read_errors = 0;
  // What the application set by uwsgi.set_logvar.
  std::span<const std::pair<std::string, std::string>> log_vars;
};

// The variables of log-format, but for those of a request, var.NAME, and those that the
// application sets.
std::span<const std::string_view> LogVariableNames();
// Whether the server fills it in.
bool IsLogVariable(std::string_view name);

struct RequestLogOptions {
  std::string_view format;       // log-format; empty: the default line.
  std::string_view date;         // strftime for %(ftime); empty: that of %(ltime).
  bool formats_time = false;     // logformat-strftime: the format's text is a strftime format.
  bool micros = false;           // log-micros
  bool memory_report = false;    // memory-report
  bool x_forwarded_for = false;  // log-x-forwarded-for
};

// One piece of a compiled format.
using LogWriter = void (*)(const RequestRecord& record, const std::string& argument,
                           std::string& out);
struct LogPart {
  LogWriter write;
  std::string argument;  // Literal text, a variable's name, a time format.
};

// Makes text of a request's record. Thread-safe.
class RequestEncoder {
 public:
  virtual ~RequestEncoder() = default;
  // Appends whole lines.
  virtual void Append(const RequestRecord& record, std::string& out) const = 0;
};

class RequestLogFormat final : public RequestEncoder {
 public:
  // Fails with kInvalid on a `%(` that is not closed.
  static Result<RequestLogFormat> Compile(const RequestLogOptions& options);

  // Appends one line, with its newline. What clients and applications say is escaped (\xHH for
  // control characters, the double quote and the backslash), so that nothing forges a line or a
  // field, and no text looks like another.
  void Append(const RequestRecord& record, std::string& out) const override;

 private:
  void AppendDefault(const RequestRecord& record, std::string& out) const;

  std::vector<LogPart> parts_;  // Empty: the default line.
  bool micros_ = false;
  bool memory_report_ = false;
  bool x_forwarded_for_ = false;
};

}  // namespace uwsgi::protocol
