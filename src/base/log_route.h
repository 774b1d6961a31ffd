// SPDX-License-Identifier: MIT
//
// Record -> route -> encoder -> sink: how a record of the log becomes bytes, and where they go.

#pragma once

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "base/log_record.h"

namespace uwsgi {

// Makes whole lines of a record. Thread-safe, without a lock that a fork could catch.
class LogEncoder {
 public:
  virtual ~LogEncoder() = default;
  // The lines with their newlines: in `buffer`, which is empty, or the record's own text.
  virtual std::string_view Encode(const LogRecord& record, fmt::memory_buffer& buffer) const = 0;
};

// Where lines end. Thread-safe if records come from several threads.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // `text` is what the encoder has made of `record`. Never waits for long, and never fails: what
  // can not be written is lost.
  virtual void Write(const LogRecord& record, std::string_view text) = 0;
};

// Takes records of some kinds. Encoder and sink outlive it.
struct LogRoute {
  static constexpr unsigned kAll = ~0U;

  unsigned kinds = kAll;                // A set of LogKind.
  const LogEncoder* encoder = nullptr;  // Null: the plain one.
  LogSink* sink = nullptr;

  bool Takes(LogKind kind) const { return (kinds & static_cast<unsigned>(kind)) != 0; }
};

// From now on each record goes by every route that takes its kind. None: all in plain lines to
// descriptor 2, where also those go of a process that the application has forked. For the start of
// a process, or one that keeps one thread, as the master does.
void SetLogRoutes(std::vector<LogRoute> routes);

}  // namespace uwsgi
