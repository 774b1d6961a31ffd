// SPDX-License-Identifier: MIT

#include "base/log.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/app_fork.h"
#include "base/early_log.h"
#include "base/log_output.h"
#include "base/log_route.h"
#include "base/plain_log_encoder.h"

namespace uwsgi {
namespace {

constexpr int kLogFd = 2;

class FdSink final : public LogSink {
 public:
  void Write(const LogRecord& /*record*/, std::string_view text) override {
    output_.Write(kLogFd, text);
  }

 private:
  LogOutput output_;
};

struct LogState {
  PlainLogEncoder plain;
  FdSink fd_sink;
  std::vector<LogRoute> routes;
  int worker_id = 0;
  bool keeps_lines = false;
  std::vector<std::pair<LogLevel, std::string>> kept_lines;
};

LogState& State() {
  // Never destroyed: threads of the application may log while the process exits.
  static auto* const state = new LogState;  // NOLINT(*-avoid-non-const-global-variables): the log.
  return *state;
}

void Send(const LogRecord& record, const LogEncoder& encoder, LogSink& sink) {
  fmt::memory_buffer buffer;
  sink.Write(record, encoder.Encode(record, buffer));
}

}  // namespace

void Log(LogRecord record) {
  LogState& state = State();
  if (record.worker_id == 0) record.worker_id = state.worker_id;
  if (state.keeps_lines) state.kept_lines.emplace_back(record.level, record.text);
  // The files of a sink are not open in what the application forks.
  if (state.routes.empty() || IsAppFork()) return Send(record, state.plain, state.fd_sink);
  for (const LogRoute& route : state.routes) {
    if (!route.Takes(record.kind)) continue;
    Send(record, route.encoder != nullptr ? *route.encoder : state.plain, *route.sink);
  }
}

void SetLogDate(std::string_view strftime_format) { State().plain.SetDate(strftime_format); }

void SetLogWorker(int worker_id) { State().worker_id = worker_id; }

void SetLogRoutes(std::vector<LogRoute> routes) { State().routes = std::move(routes); }

std::string PlainLogLine(LogLevel level, std::string_view message) {
  fmt::memory_buffer buffer;
  return std::string(State().plain.Encode({.level = level, .text = message}, buffer));
}

void KeepLogLines() { State().keeps_lines = true; }

void RepeatKeptLogLines() {
  LogState& state = State();
  state.keeps_lines = false;
  for (const auto& [level, text] : state.kept_lines) Log({.level = level, .text = text});
}

void ForgetKeptLogLines() {
  State().keeps_lines = false;
  State().kept_lines.clear();
}

}  // namespace uwsgi
