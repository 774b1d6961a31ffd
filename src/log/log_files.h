// SPDX-License-Identifier: MIT
//
// The files of the log, where one process writes them for all: see log/log_pipe.h.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_output.h"
#include "base/log_route.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "log/options.h"

namespace uwsgi {

// One place that the log goes to, as os/open_log.h opens it: a file, an address, or standard error
// as it was when this was made.
class LogFile {
 public:
  static Result<LogFile> Open(const LogTarget& target);

  // From now on descriptors 1 and 2 of this process are this file, rotations included.
  Result<void> TakeOutput();

  // Appends; what can not be written is lost and counted: see base/log_output.h. After the end
  // of a line the file is rotated if it is larger than its limit: it gets another name, and a new
  // one begins. A name with the time is never taken twice, so that happens once a second at most.
  void Write(std::string_view text);

 private:
  LogFile(const LogTarget& target, UniqueFd fd);
  void Append(std::string_view text);
  bool IsTooLarge();
  void Rotate();
  // Says what failed in the file itself, which is never rotated again.
  void GiveUp(const Error& why);

  std::string path_;  // Absolute: the working directory may change. Empty: standard error.
  std::string backup_;
  std::uint64_t max_size_;  // 0: no limit.
  UniqueFd fd_;
  std::unique_ptr<LogOutput> output_ = std::make_unique<LogOutput>();
  std::uint64_t size_ = 0;  // At least that of the file.
  bool is_output_ = false;
};

// All of them. The first is also what this process has as its descriptors 1 and 2.
class LogFiles final : public LogSink {
 public:
  static Result<LogFiles> Open(const std::vector<LogTarget>& targets);

  void Write(const LogRecord& /*record*/, std::string_view text) override {
    for (LogFile& file : files_) file.Write(text);
  }

 private:
  std::vector<LogFile> files_;
};

}  // namespace uwsgi
