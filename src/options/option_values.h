// SPDX-License-Identifier: MIT
//
// Text to value and back, once per C++ type. Numbers are read as uWSGI reads them (leading
// digits count, no digits are 0), but not in silence.

#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/key_value.h"
#include "base/quantities.h"
#include "base/result.h"

namespace uwsgi::config {

enum class ValueKind : std::uint8_t {
  kFlag,
  kNumber,  // Integers, times, sizes and file modes.
  kText,
  kNone,  // Unknown: of the option nothing but its name is known.
};

// What reading a value came to.
struct Remark {
  enum class Kind : std::uint8_t { kFine, kWarning, kError };
  Kind kind = Kind::kFine;
  std::string text;  // Goes after "name = value: ".
};

inline Remark Wrong(std::string text) { return {Remark::Kind::kError, std::move(text)}; }

// Fine if the value was understood.
template <typename T>
Remark RemarkOn(const Result<T>& parsed) {
  return parsed ? Remark{} : Wrong(parsed.error().message);
}

// "false", "off", "no" and "0" in any case; everything else is on, the empty text too.
bool IsOff(std::string_view value);
// "true", "on", "yes" and "1" in any case.
bool IsOn(std::string_view value);

Remark ParseValue(std::string_view value, bool& field);
Remark ParseValue(std::string_view value, int& field);
Remark ParseValue(std::string_view value, std::uint64_t& field);
Remark ParseValue(std::string_view value, std::chrono::seconds& field);
Remark ParseValue(std::string_view value, std::chrono::milliseconds& field);
Remark ParseValue(std::string_view value, ByteCount& field);
Remark ParseValue(std::string_view value, MebiBytes& field);
Remark ParseValue(std::string_view value, std::optional<FileMode>& field);
Remark ParseValue(std::string_view value, std::string& field);
Remark ParseValue(std::string_view value, KeyValue& field);

std::string ShowValue(bool value);
std::string ShowValue(int value);
std::string ShowValue(std::uint64_t value);
std::string ShowValue(std::chrono::seconds value);
std::string ShowValue(std::chrono::milliseconds value);
std::string ShowValue(const ByteCount& value);
std::string ShowValue(const MebiBytes& value);
std::string ShowValue(const std::optional<FileMode>& value);
std::string ShowValue(const std::string& value);

// Lists grow by one value at a time. A default is always empty, so none is shown.
template <typename T>
Remark ParseValue(std::string_view value, std::vector<T>& field) {
  return ParseValue(value, field.emplace_back());
}
template <typename T>
std::string ShowValue(const std::vector<T>&) {
  return {};
}

template <typename T>
struct KindOf {
  static constexpr ValueKind kKind = std::same_as<T, bool> ? ValueKind::kFlag
                                     : std::same_as<T, std::string> || std::same_as<T, KeyValue>
                                         ? ValueKind::kText
                                         : ValueKind::kNumber;
  static constexpr bool kIsList = false;
};
template <typename T>
struct KindOf<std::vector<T>> {
  static constexpr ValueKind kKind = KindOf<T>::kKind;
  static constexpr bool kIsList = true;
};

}  // namespace uwsgi::config
