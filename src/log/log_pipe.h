// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "log/log_files.h"
#include "os/event_loop.h"

namespace uwsgi {

// The log of all other processes on its way to the files, which the master writes and rotates. To
// the master it is what applications print: their prints and the lines of the server in workers
// have one descriptor.
//
// Usually every process writes the log itself: descriptor 2 is the file, which costs nothing and
// outlives the master. For log-maxsize and several loggers it is this pipe. Were each process to
// reopen a renamed file by itself, one that is busy, or a program that the application has started,
// would go on writing to the old file, and find it deleted at last; here a file has one writer, who
// changes it between two lines, so none is lost or torn. The price is that of any log that goes
// to another process: a write of up to 4096 bytes is whole, one beyond that may be interrupted
// while the pipe is full, and what is written after the master's end is lost.
//
// Lives in the master and on its loop.
class LogPipe final : private LogSink {
 public:
  // `loop` and `files` outlive the pipe. The log lines of this process go the same way, behind
  // what the pipe holds already.
  static Result<std::unique_ptr<LogPipe>> Open(os::EventLoop& loop, LogFiles& files);
  // Writes what is left in it. The lines of this process go to `files` from then on.
  ~LogPipe() override;
  LogPipe(const LogPipe&) = delete;
  LogPipe& operator=(const LogPipe&) = delete;

  // Descriptors 1 and 2 of every other process.
  int write_end() const { return write_end_.get(); }

 private:
  explicit LogPipe(LogFiles& files) : files_(files) {}

  // Behind what the pipe holds already, unless it has come out of it.
  void Write(const LogRecord& record, std::string_view text) override;
  // Logs whole lines as they come, and the rest of one once nothing more comes; a megabyte at most.
  void Drain();

  LogFiles& files_;  // Outlives the pipe.
  UniqueFd read_end_;
  UniqueFd write_end_;
  os::FdWatcher watcher_;
  std::string rest_;  // The beginning of a line.
};

}  // namespace uwsgi
