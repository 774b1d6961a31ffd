// SPDX-License-Identifier: MIT

#include "options/option_values.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/ascii.h"
#include "options/text.h"

namespace uwsgi::config {
namespace {

struct Number {
  std::uint64_t value = 0;
  std::string_view rest;  // What follows the digits.
  Remark remark;
};

// Reads leading digits, as atoi does.
Number ReadNumber(std::string_view value) {
  value = Trim(value);
  if (value.empty()) return {0, {}, Wrong("expected a number")};
  if (value.front() == '+') value.remove_prefix(1);
  if (value.starts_with('-')) return {0, {}, Wrong("must not be negative")};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc::result_out_of_range) return {0, {}, Wrong("the number is too large")};
  return {number, value.substr(static_cast<std::size_t>(end - value.data())), {}};
}

Remark Junk(const Number& number) {
  if (number.remark.kind == Remark::Kind::kError || number.rest.empty()) return number.remark;
  return {Remark::Kind::kWarning, fmt::format("not a plain number, taken as {}", number.value)};
}

template <typename T>
Remark ParseInteger(std::string_view value, T& field, std::uint64_t largest) {
  const Number number = ReadNumber(value);
  Remark remark = Junk(number);
  if (remark.kind == Remark::Kind::kError) return remark;
  if (number.value > largest) return Wrong(fmt::format("must not exceed {}", largest));
  field = static_cast<T>(number.value);
  return remark;
}

// A century in any unit: keeps sums of times far from overflow.
constexpr std::uint64_t kLongestSeconds = 100ULL * 365 * 86400;

}  // namespace

bool IsOff(std::string_view value) {
  const std::string lower = ToLower(value);
  return lower == "false" || lower == "off" || lower == "no" || lower == "0";
}

bool IsOn(std::string_view value) {
  const std::string lower = ToLower(value);
  return lower == "true" || lower == "on" || lower == "yes" || lower == "1";
}

Remark ParseValue(std::string_view value, bool& field) {
  field = !IsOff(value);
  if (!field || value.empty() || IsOn(value)) return {};
  return {Remark::Kind::kWarning, "neither true nor false, taken as true"};
}

Remark ParseValue(std::string_view value, int& field) {
  return ParseInteger(value, field, std::numeric_limits<int>::max());
}

Remark ParseValue(std::string_view value, std::uint64_t& field) {
  return ParseInteger(value, field, std::numeric_limits<std::uint64_t>::max());
}

Remark ParseValue(std::string_view value, std::chrono::seconds& field) {
  std::int64_t seconds = 0;
  Remark remark = ParseInteger(value, seconds, kLongestSeconds);
  field = std::chrono::seconds{seconds};
  return remark;
}

Remark ParseValue(std::string_view value, std::chrono::milliseconds& field) {
  std::int64_t milliseconds = 0;
  Remark remark = ParseInteger(value, milliseconds, kLongestSeconds * 1000);
  field = std::chrono::milliseconds{milliseconds};
  return remark;
}

Remark ParseValue(std::string_view value, ByteCount& field) {
  Number number = ReadNumber(value);
  if (number.remark.kind == Remark::Kind::kError) return number.remark;
  const std::string unit = ToLower(number.rest);
  int shift = 0;
  if (unit == "k" || unit == "kb" || unit == "kib") shift = 10;
  if (unit == "m" || unit == "mb" || unit == "mib") shift = 20;
  if (unit == "g" || unit == "gb" || unit == "gib") shift = 30;
  if (shift != 0) number.rest = {};
  if (number.value > (std::numeric_limits<std::uint64_t>::max() >> shift)) {
    return Wrong("the number is too large");
  }
  field.bytes = number.value << shift;
  return Junk(number);
}

Remark ParseValue(std::string_view value, MebiBytes& field) {
  return ParseInteger(value, field.count, std::numeric_limits<std::uint64_t>::max() >> 20);
}

Remark ParseValue(std::string_view value, std::optional<FileMode>& field) {
  std::uint32_t bits = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bits, 8);
  if (value.size() < 3 || value.size() > 4 || error != std::errc{} ||
      end != value.data() + value.size()) {
    return Wrong("expected three or four octal digits, as in 664");
  }
  field = FileMode{bits};
  return {};
}

Remark ParseValue(std::string_view value, std::string& field) {
  if (value.find('\0') != std::string_view::npos) return Wrong("must not hold a NUL byte");
  field = value;
  return {};
}

Remark ParseValue(std::string_view value, KeyValue& field) {
  const std::size_t equals = value.find('=');
  field.key = value.substr(0, equals);
  field.value = equals == std::string_view::npos ? "" : value.substr(equals + 1);
  if (Trim(field.key).empty()) return Wrong("expected NAME=VALUE");
  return {};
}

std::string ShowValue(bool value) { return value ? "true" : "false"; }
std::string ShowValue(int value) { return std::to_string(value); }
std::string ShowValue(std::uint64_t value) { return std::to_string(value); }
std::string ShowValue(std::chrono::seconds value) { return std::to_string(value.count()); }
std::string ShowValue(std::chrono::milliseconds value) { return std::to_string(value.count()); }
std::string ShowValue(const ByteCount& value) { return std::to_string(value.bytes); }
std::string ShowValue(const MebiBytes& value) { return std::to_string(value.count); }
std::string ShowValue(const std::optional<FileMode>& value) {
  return value.has_value() ? fmt::format("{:03o}", value->bits) : "";
}
std::string ShowValue(const std::string& value) { return value; }

}  // namespace uwsgi::config
