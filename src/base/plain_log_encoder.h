// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string_view>

#include "base/log_route.h"

namespace spdlog {
class formatter;
}  // namespace spdlog

namespace uwsgi {

// The log as uWSGI writes it: a date if one is wanted, the level's mark ("warning: ", "error: ",
// nothing for the others), the text. A line break inside of a message is kept as it is.
class PlainLogEncoder final : public LogEncoder {
 public:
  PlainLogEncoder();
  ~PlainLogEncoder() override;

  // See SetLogDate.
  void SetDate(std::string_view strftime_format);

  std::string_view Encode(const LogRecord& record, fmt::memory_buffer& buffer) const override;

 private:
  void AppendMessage(LogLevel level, std::string_view text, fmt::memory_buffer& out) const;

  std::unique_ptr<spdlog::formatter> formatter_;
  int version_ = 0;  // Of formatter_; no other one in this process has the same.
};

}  // namespace uwsgi
