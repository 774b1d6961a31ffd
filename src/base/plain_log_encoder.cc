// SPDX-License-Identifier: MIT

#include "base/plain_log_encoder.h"

#include <spdlog/pattern_formatter.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <string>
#include <utility>

#include "base/c_locale.h"

namespace uwsgi {
namespace {

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

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

std::atomic<int> last_version{0};  // NOLINT(*-avoid-non-const-global-variables): of all encoders.

std::unique_ptr<spdlog::formatter> MakeFormatter(std::string_view date) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<LevelMark>('*').add_flag<Date>('@', std::string(date));
  formatter->set_pattern(date.empty() ? "%*%v" : "%@ - %*%v");
  return formatter;
}

}  // namespace

PlainLogEncoder::PlainLogEncoder() { SetDate(""); }

PlainLogEncoder::~PlainLogEncoder() = default;

void PlainLogEncoder::SetDate(std::string_view strftime_format) {
  formatter_ = MakeFormatter(strftime_format);
  version_ = ++last_version;
}

std::string_view PlainLogEncoder::Encode(const LogRecord& record,
                                         fmt::memory_buffer& buffer) const {
  if (record.form == LogForm::kEncoded) return record.text;
  if (record.form == LogForm::kMessage) {
    AppendMessage(record.level, record.text, buffer);
  } else {
    std::string_view rest = record.text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      AppendMessage(record.level, rest.substr(0, end), buffer);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return {buffer.data(), buffer.size()};
}

// A formatter is no two threads' at once. There is no lock, which a fork could catch in its locked
// state: each thread formats with its own clone.
void PlainLogEncoder::AppendMessage(LogLevel level, std::string_view text,
                                    fmt::memory_buffer& out) const {
  thread_local std::unique_ptr<spdlog::formatter> formatter;
  thread_local int version = 0;
  if (version != version_) {
    version = version_;
    formatter = formatter_->clone();
  }
  spdlog::memory_buf_t line;
  formatter->format({spdlog::string_view_t(), ToSpdlog(level), {text.data(), text.size()}}, line);
  out.append(line.data(), line.data() + line.size());
}

}  // namespace uwsgi
