// SPDX-License-Identifier: MIT
//
// One row of the table of options. The field of Options gives type and default; the row gives
// names, group and one sentence. Everything else is made from rows: command line, files,
// environment, help, docs/options.md, validation.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "options/option_values.h"
#include "uwsgi/options.h"

namespace uwsgi::config {

// How far this server goes with an option of uWSGI.
enum class Support : std::uint8_t {
  kSupported,  // Does what its help says.
  kAccepted,   // Read, and without effect: the help says why none is needed.
  kPending,    // Not built yet; the start warns.
  kRefused,    // The start fails: ignoring it would change what a client can reach or do.
};

enum class Group : std::uint8_t {
  kSockets,
  kProcesses,
  kRequests,
  kApplications,
  kStaticFiles,
  kLogging,
  kCommands,
  kConfiguration,
  kOthers,  // What is accepted, pending or refused.
};

// Further properties of a row; a sum of these.
enum Trait : std::uint8_t {
  kNoTrait = 0,
  kEveryday = 1,  // Shown by plain --help.
  kFreeText = 2,  // The value may hold " # " or " ; ": nothing is stripped from its end.
  kGrammar = 4,   // Acts while the configuration is read; has no field.
};

// How an option's text gets into its field and back.
struct Field {
  ValueKind kind = ValueKind::kText;
  bool is_list = false;
  // Null for rows without a field.
  Remark (*parse)(Options& options, std::string_view value) = nullptr;
  std::string (*show)(const Options& options) = nullptr;
};

struct OptionSpec {
  Group group = Group::kOthers;
  std::string_view name;
  std::string_view aliases;  // Separated by spaces.
  char short_flag = 0;
  std::string_view metavar;  // Empty for flags.
  Field field;
  std::string_view help;
  int traits = kNoTrait;
  // What a missing value, or "1" or "true", stands for; not empty: the value is optional.
  std::string_view implied = {};
  Support support = Support::kSupported;

  bool has(Trait trait) const { return (traits & trait) != 0; }
  bool is_flag() const { return field.kind == ValueKind::kFlag; }
  bool takes_optional_value() const { return !implied.empty(); }
  // What the row's parser reads where `value` was written.
  std::string_view Effective(std::string_view value) const {
    return takes_optional_value() && (value.empty() || IsOn(value)) ? implied : value;
  }
  // True when a comment after the value is cut off.
  bool strips_comment() const { return !has(kFreeText) && field.kind != ValueKind::kNone; }
};

namespace internal {
template <auto... Path>
constexpr auto& At(auto& options) {
  return (options.*....*Path);
}
template <auto... Path>
using FieldType = std::remove_reference_t<decltype(At<Path...>(std::declval<Options&>()))>;
}  // namespace internal

// The field at the end of a path of members: To<&Options::worker, &WorkerOptions::harakiri>().
template <auto... Path>
consteval Field To() {
  using T = internal::FieldType<Path...>;
  return {KindOf<T>::kKind, KindOf<T>::kIsList,
          [](Options& options, std::string_view value) {
            return ParseValue(value, internal::At<Path...>(options));
          },
          [](const Options& options) { return ShowValue(internal::At<Path...>(options)); }};
}

// A flag that turns the one at the end of the path off: no-vacuum.
template <auto... Path>
consteval Field Not() {
  return {ValueKind::kFlag, false,
          [](Options& options, std::string_view value) {
            bool off = false;
            Remark remark = ParseValue(value, off);
            internal::At<Path...>(options) = !off;
            return remark;
          },
          [](const Options& options) { return ShowValue(!internal::At<Path...>(options)); }};
}

// A number of bytes that is configured in KiB.
template <auto... Path>
consteval Field InKibibytes() {
  return {ValueKind::kNumber, false,
          [](Options& options, std::string_view value) {
            std::uint64_t kibibytes = 0;
            Remark remark = ParseValue(value, kibibytes);
            internal::At<Path...>(options).bytes = kibibytes * 1024;
            return remark;
          },
          [](const Options& options) {
            return ShowValue(internal::At<Path...>(options).bytes / 1024);
          }};
}

// Rows that the reader of the configuration handles itself, and rows of other states.
constexpr Field Without(ValueKind kind) { return {kind, false, nullptr, nullptr}; }

}  // namespace uwsgi::config
