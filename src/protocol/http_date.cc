// SPDX-License-Identifier: MIT

#include "protocol/http_date.h"

#include <array>
#include <chrono>

#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

using std::chrono::floor;
using std::chrono::sys_days;

constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void PutTwoDigits(unsigned value, char* to) {
  to[0] = static_cast<char>('0' + value / 10);
  to[1] = static_cast<char>('0' + value % 10);
}

// Takes the pieces of a date off the front of a text. After the first that does not fit,
// ok() is false and every further result means nothing.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  void Literal(std::string_view literal) {
    ok_ = ok_ && rest_.starts_with(literal);
    if (ok_) rest_.remove_prefix(literal.size());
  }

  // Exactly `count` digits; `padded` allows a space for the first.
  int Number(std::size_t count, bool padded = false) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest_.size()) return Failed();
      const char byte = rest_[i];
      if (padded && i == 0 && byte == ' ') continue;
      if (!IsDigit(byte)) return Failed();
      value = value * 10 + (byte - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  unsigned Month() {
    for (unsigned i = 0; i < kMonths.size(); ++i) {
      if (rest_.starts_with(kMonths[i])) {
        rest_.remove_prefix(3);
        return i + 1;
      }
    }
    Failed();
    return 1;
  }

  std::chrono::seconds Clock() {
    const int hours = Number(2);
    Literal(":");
    const int minutes = Number(2);
    Literal(":");
    const int seconds = Number(2);  // 60 is a leap second.
    ok_ = ok_ && hours < 24 && minutes < 60 && seconds <= 60;
    return std::chrono::hours(hours) + std::chrono::minutes(minutes) +
           std::chrono::seconds(seconds);
  }

  bool at_end() const { return rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  int Failed() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// The system's clock counts nanoseconds, and not as far.
std::chrono::sys_seconds Moment(std::time_t time) {
  return std::chrono::sys_seconds(std::chrono::seconds(time));
}

// A two-digit year within the last 50 or next 50 years of `now`.
int CompleteYear(int two_digits, std::time_t now) {
  const auto today = floor<std::chrono::days>(Moment(now));
  const int this_year = static_cast<int>(std::chrono::year_month_day(today).year());
  const int year = this_year - this_year % 100 + two_digits;
  return year > this_year + 50 ? year - 100 : year;
}

}  // namespace

std::string FormatHttpDate(std::time_t time) {
  const std::chrono::sys_seconds moment = Moment(time);
  const sys_days day = floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(moment - day);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));

  std::string text = "Sun, 00 Jan 0000 00:00:00 GMT";
  text.replace(0, 3, kDays[std::chrono::weekday(day).c_encoding()].substr(0, 3));
  PutTwoDigits(static_cast<unsigned>(date.day()), &text[5]);
  text.replace(8, 3, kMonths[static_cast<unsigned>(date.month()) - 1]);
  PutTwoDigits(year / 100 % 100, &text[12]);
  PutTwoDigits(year % 100, &text[14]);
  PutTwoDigits(static_cast<unsigned>(clock.hours().count()), &text[17]);
  PutTwoDigits(static_cast<unsigned>(clock.minutes().count()), &text[20]);
  PutTwoDigits(static_cast<unsigned>(clock.seconds().count()), &text[23]);
  return text;
}

std::optional<std::time_t> ParseHttpDate(std::string_view text, std::time_t now) {
  std::string_view day_name = text.substr(0, text.find_first_of(", "));
  bool known_day = false;
  bool long_name = false;
  for (const std::string_view name : kDays) {
    if (day_name == name.substr(0, 3)) known_day = true;
    if (day_name == name) known_day = long_name = true;
  }
  if (!known_day || day_name.size() == text.size()) return std::nullopt;

  DateReader reader(text.substr(day_name.size()));
  unsigned month = 1;
  int day = 0;
  int year = 0;
  std::chrono::seconds clock{};
  if (text[day_name.size()] == ',') {
    const std::string_view separator = long_name ? "-" : " ";
    reader.Literal(", ");
    day = reader.Number(2);
    reader.Literal(separator);
    month = reader.Month();
    reader.Literal(separator);
    year = long_name ? CompleteYear(reader.Number(2), now) : reader.Number(4);
    reader.Literal(" ");
    clock = reader.Clock();
    reader.Literal(" GMT");
  } else {
    reader.Literal(" ");
    month = reader.Month();
    reader.Literal(" ");
    day = reader.Number(2, true);
    reader.Literal(" ");
    clock = reader.Clock();
    reader.Literal(" ");
    year = reader.Number(4);
  }
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!reader.ok() || !reader.at_end() || !date.ok()) return std::nullopt;
  return (sys_days(date) + clock).time_since_epoch().count();
}

}  // namespace uwsgi::protocol
