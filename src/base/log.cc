// SPDX-License-Identifier: MIT

#include "base/log.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/app_fork.h"
#include "base/c_locale.h"
#include "base/early_log.h"
#include "base/lasting_log.h"
#include "base/log_output.h"

namespace uwsgi {
namespace {

constexpr int kLogFd = 2;
constexpr std::chrono::minutes kLastingPause{10};

// When which lines are due again, by their formats.
class LastingLines {
 public:
  bool IsDue(const void* format) {
    const Clock::rep now = Clock::now().time_since_epoch().count();
    const Clock::rep next = (Clock::now() + kLastingPause).time_since_epoch().count();
    for (Line& line : lines_) {
      const void* nobody = nullptr;
      if (line.format.compare_exchange_strong(nobody, format) || nobody == format) {
        Clock::rep due = line.due.load();
        return now >= due && line.due.compare_exchange_strong(due, next);
      }
    }
    return true;  // More kinds than expected: better often than never.
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Line {
    std::atomic<const void*> format{nullptr};
    std::atomic<Clock::rep> due{std::numeric_limits<Clock::rep>::min()};
  };
  std::array<Line, 32> lines_;
};

// There is no lock, which a fork could catch in its locked state: each thread formats with its
// own clone.
class FdSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  void SetWriter(std::function<void(std::string_view)> writer) { writer_ = std::move(writer); }
  void Write(std::string_view lines) {
    // The files of a writer are not open in what the application forks.
    writer_ && !IsAppFork() ? writer_(lines) : output_.Write(kLogFd, lines);
  }
  void KeepLines() { keeps_ = true; }
  void RepeatKept() {
    keeps_ = false;
    for (const Kept& line : kept_) log({spdlog::string_view_t(), line.level, line.text});
  }
  void ForgetKept() {
    keeps_ = false;
    kept_.clear();
  }
  LastingLines& lasting() { return lasting_; }
  void Format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) {
    thread_local std::unique_ptr<spdlog::formatter> formatter;
    thread_local int version = -1;
    if (version != version_.load(std::memory_order_acquire)) {
      version = version_.load(std::memory_order_acquire);
      formatter = formatter_->clone();
    }
    formatter->format(message, line);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (keeps_) kept_.push_back({message.level, {message.payload.data(), message.payload.size()}});
    spdlog::memory_buf_t line;
    Format(message, line);
    Write({line.data(), line.size()});
  }
  void flush_() override {}
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    formatter_ = std::move(formatter);
    version_.fetch_add(1, std::memory_order_release);
  }

 private:
  std::atomic<int> version_{0};
  std::function<void(std::string_view)> writer_;  // Empty: descriptor 2.
  LogOutput output_;
  struct Kept {
    spdlog::level::level_enum level;
    std::string text;
  };
  bool keeps_ = false;
  std::vector<Kept> kept_;
  LastingLines lasting_;
};

// uWSGI's lines carry no level; ours mark those that an operator acts on.
class LevelMark final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    std::string_view mark;
    if (message.level == spdlog::level::warn) mark = "warning: ";
    if (message.level >= spdlog::level::err) mark = "error: ";
    out.append(mark.data(), mark.data() + mark.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelMark>();
  }
};

// spdlog's own flags are not strftime's: its %F are nanoseconds. Nor does it know the local time
// of a line unless one of them asks for it.
class Date final : public spdlog::custom_flag_formatter {
 public:
  explicit Date(std::string format) : format_(std::move(format)) {}
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    std::string text;
    AppendLocalTime(spdlog::log_clock::to_time_t(message.time), format_, text);
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Date>(format_);
  }

 private:
  const std::string format_;
};

std::unique_ptr<spdlog::formatter> MakeFormatter(std::string_view date) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<LevelMark>('*').add_flag<Date>('@', std::string(date));
  formatter->set_pattern(date.empty() ? "%*%v" : "%@ - %*%v");
  return formatter;
}

spdlog::logger& Logger() {
  // Never destroyed: threads of the application may log while the process exits.
  static auto* const logger = [] {  // NOLINT(*-avoid-non-const-global-variables): the log sink.
    auto* made = new spdlog::logger("uwsgi", std::make_shared<FdSink>());
    made->set_formatter(MakeFormatter(""));
    made->set_level(spdlog::level::info);
    return made;
  }();
  return *logger;
}

FdSink& Sink() { return static_cast<FdSink&>(*Logger().sinks().front()); }

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
    case LogLevel::kNotice:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void SetLogLevel(LogLevel level) { Logger().set_level(ToSpdlog(level)); }

void SetLogDate(std::string_view strftime_format) {
  Logger().set_formatter(MakeFormatter(strftime_format));
}

void SetLogWriter(std::function<void(std::string_view line)> writer) {
  Sink().SetWriter(std::move(writer));
}

void KeepLogLines() { Sink().KeepLines(); }
void RepeatKeptLogLines() { Sink().RepeatKept(); }
void ForgetKeptLogLines() { Sink().ForgetKept(); }

bool IsLastingLogDue(const void* format) { return Sink().lasting().IsDue(format); }

void LogLine(LogLevel level, std::string_view line) {
  Logger().log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string FormatLogLine(LogLevel level, std::string_view line) {
  const spdlog::details::log_msg message(Logger().name(), ToSpdlog(level),
                                         spdlog::string_view_t(line.data(), line.size()));
  spdlog::memory_buf_t text;
  Sink().Format(message, text);
  return {text.data(), text.size()};
}

void LogLines(LogLevel level, std::string_view lines) {
  if (!Logger().should_log(ToSpdlog(level))) return;
  std::string text;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    text += FormatLogLine(level, lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  WriteLog(text);
}

void WriteLog(std::string_view lines) { Sink().Write(lines); }

}  // namespace uwsgi
