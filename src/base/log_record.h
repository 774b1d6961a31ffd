// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string_view>

namespace uwsgi {

enum class LogLevel { kInfo, kWarning, kError };

// Whose words a record holds.
enum class LogKind : unsigned {
  kServer = 1,       // What happens to the server.
  kRequest = 2,      // The request log.
  kApplication = 4,  // What applications print, and what comes with it by the same descriptor.
  kTraceback = 8,    // Exceptions of applications, and where their threads are.
};

enum class LogForm {
  kMessage,  // One message. It may have line breaks, as tracebacks do.
  kLines,    // Several messages, one a line, which stay together.
  kEncoded,  // Goes out as it is: whole lines, or pieces of lines that others have written.
};

// One thing to be logged, until a sink writes it: see base/log_route.h. Views live for the call.
struct LogRecord {
  LogKind kind = LogKind::kServer;
  LogForm form = LogForm::kMessage;
  LogLevel level = LogLevel::kInfo;
  int worker_id = 0;  // 0: that of the process that logs; the master and zygotes have none.
  std::uint64_t request_id = 0;  // Request::id; 0: of none, or of several.
  std::string_view text;
};

}  // namespace uwsgi
