// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/quantities.h"
#include "options/rows.h"

namespace uwsgi {

// One place that the whole log goes to.
struct LogTarget {
  std::string path;         // Empty: standard error, as the server finds it.
  ByteCount max_size;       // A larger file is renamed, and a new one begun; 0: never.
  std::string backup_name;  // Of the renamed file; empty: PATH.UNIXTIME.
  bool is_udp = false;      // The path is [udp:]HOST:PORT.
  friend bool operator==(const LogTarget&, const LogTarget&) = default;
};

// Where the whole log goes, or, with a name, what log-route sends there.
struct Logger {
  std::string name;
  std::string kind;    // "stdio", "file", "socket", or one that this server does not have.
  LogTarget target{};  // Of a file or a UDP address; empty otherwise.
};

struct LogOptions {
  std::string logto;
  std::string logto2;
  std::vector<Logger> loggers;
  ByteCount max_size;       // log-maxsize; 0: no limit.
  std::string backup_name;  // log-backupname
  // Made from what is above and daemonize; empty: standard error, as daemonize leaves it.
  std::vector<LogTarget> targets;
  // One descriptor alone can not be this log: the master writes it for all processes.
  bool needs_master() const {
    if (targets.size() != 1) return targets.size() > 1;
    return targets.front().max_size.bytes > 0 || targets.front().is_udp;
  }
  bool disable_logging = false;
  bool log_4xx = false;
  bool log_5xx = false;
  bool log_zero = false;
  bool log_sendfile = false;
  bool log_ioerror = false;
  bool log_micros = false;
  bool log_x_forwarded_for = false;
  std::chrono::milliseconds log_slow{0};
  ByteCount log_big{0};
  std::string log_format;            // Empty: uWSGI's default line.
  bool log_format_strftime = false;  // The request log's format holds strftime sequences.
  std::string log_date;              // strftime; empty: no date.
  bool memory_report = false;
};

namespace config {
OptionRows LogRows();
}  // namespace config

}  // namespace uwsgi
