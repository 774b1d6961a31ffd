// SPDX-License-Identifier: MIT
//
// One row of the table of options. A field of a subject's struct gives type and default; the row
// gives names, group and one sentence, and what a value must be. Everything else is made from rows:
// command line, files, environment, help, docs/options.md, validation.
//
// Struct, parsers and rows of a subject stand together, in options.h and options.cc of the folder
// that has it; app/option_table.cc lists them all.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "options/option_set.h"
#include "options/option_values.h"
#include "options/rows.h"

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
  kSharing,  // What processes have in common: locks, caches.
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
  kListens = 8,   // Names a socket that the server may serve at.
};

// How an option's text gets into its field and back.
struct Field {
  ValueKind kind = ValueKind::kText;
  bool is_list = false;
  // Null for rows without a field.
  Remark (*parse)(OptionSet& options, std::string_view value) = nullptr;
  std::string (*show)(const OptionSet& options) = nullptr;
  // What the value must be beyond its type: asked of what counts in the end, once everything is
  // read, and before anything is started. Null: no more than that.
  Remark (*check)(std::string_view value) = nullptr;
  // Which member it is: see IdOf.
  const void* id = nullptr;
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
  // What --explain adds; null: nothing.
  std::string (*note)() = nullptr;

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

using Check = Remark (*)(std::string_view value);

namespace internal {
template <typename T>
struct Member;
template <typename S, typename T>
struct Member<T S::*> {
  using Slice = S;
  using Type = T;
};
template <auto M>
using SliceOf = typename Member<decltype(M)>::Slice;
template <auto M>
using TypeOf = typename Member<decltype(M)>::Type;

template <auto M>
inline constexpr char kId = 0;

template <auto M>
auto& FieldIn(OptionSet& options) {
  return options.Change<SliceOf<M>>().*M;
}
template <auto M>
const auto& FieldIn(const OptionSet& options) {
  return options.Get<SliceOf<M>>().*M;
}
}  // namespace internal

// Stands for a member, and so for its row: a misspelt one does not compile.
template <auto M>
constexpr const void* IdOf() {
  return &internal::kId<M>;
}

// The field of a member, such as To<&WorkerOptions::harakiri>(), and what its value must be.
template <auto M, Check kCheck = nullptr>
consteval Field To() {
  using Kind = KindOf<internal::TypeOf<M>>;
  return {Kind::kKind,
          Kind::kIsList,
          [](OptionSet& options, std::string_view value) {
            return ParseValue(value, internal::FieldIn<M>(options));
          },
          [](const OptionSet& options) { return ShowValue(internal::FieldIn<M>(options)); },
          kCheck,
          IdOf<M>()};
}

// A field of a type of its feature's. `kParse` makes a value of a text:
// Result<T>(std::string_view). A list grows by it. What is refused leaves a list as it is and a
// scalar at its default; the row's check reports it, as it does what `kCheck` has against what can
// be understood.
template <auto M, auto kParse, Check kCheck = nullptr>
consteval Field Parsed() {
  using T = internal::TypeOf<M>;
  constexpr bool kIsList = KindOf<T>::kIsList;
  return {ValueKind::kText,
          kIsList,
          [](OptionSet& options, std::string_view value) -> Remark {
            if (value.find('\0') != std::string_view::npos)
              return Wrong("must not hold a NUL byte");
            T& field = internal::FieldIn<M>(options);
            auto parsed = kParse(value);
            if constexpr (kIsList) {
              if (parsed) field.push_back(*std::move(parsed));
            } else {
              field = parsed ? *std::move(parsed) : internal::SliceOf<M>{}.*M;
            }
            return {};
          },
          [](const OptionSet& options) { return ShowValue(internal::FieldIn<M>(options)); },
          [](std::string_view value) -> Remark {
            Remark remark = RemarkOn(kParse(value));
            if constexpr (kCheck != nullptr) {
              if (remark.kind == Remark::Kind::kFine) remark = kCheck(value);
            }
            return remark;
          },
          IdOf<M>()};
}

// A flag that turns the member's off: no-vacuum.
template <auto M>
consteval Field Not() {
  return {ValueKind::kFlag, false,
          [](OptionSet& options, std::string_view value) {
            bool off = false;
            Remark remark = ParseValue(value, off);
            internal::FieldIn<M>(options) = !off;
            return remark;
          },
          [](const OptionSet& options) { return ShowValue(!internal::FieldIn<M>(options)); }};
}

// A number of bytes that is configured in KiB.
template <auto M>
consteval Field InKibibytes() {
  return {ValueKind::kNumber, false,
          [](OptionSet& options, std::string_view value) {
            std::uint64_t kibibytes = 0;
            Remark remark = ParseValue(value, kibibytes);
            internal::FieldIn<M>(options).bytes = kibibytes * 1024;
            return remark;
          },
          [](const OptionSet& options) {
            return ShowValue(internal::FieldIn<M>(options).bytes / 1024);
          }};
}

// Rows that the reader of the configuration handles itself, and rows of other states.
constexpr Field Without(ValueKind kind) { return {kind, false, nullptr, nullptr}; }

}  // namespace uwsgi::config
