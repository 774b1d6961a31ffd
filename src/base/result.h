// SPDX-License-Identifier: MIT
//
// How a call that can fail says so: Result<T> is a value or an Error. Nothing
// below python/ throws.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace uwsgi {

enum class ErrorCode {
  kInvalid,      // The input is wrong: an option, a packet, an address.
  kMalformed,    // A peer's bytes break their protocol.
  kTooLarge,     // A limit would be exceeded.
  kUnsupported,  // Well-formed, but not something this server does.
  kNotFound,
  kBusy,  // The address, file or name belongs to somebody else.
  kDenied,
  kClosed,   // The peer is gone.
  kTimeout,  // A deadline passed.
  kSystem,   // The operating system refused; the message has its words.
};

// What failed, on what, why, and what to do about it, as one line.
struct Error {
  ErrorCode code = ErrorCode::kInvalid;
  std::string message;
};

// The value of a call, or the reason that there is none. Reading the value of a
// failed result is a bug and aborts (std::bad_variant_access is not caught).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

// "what: ErrorText(errno_value)" as a kSystem error, or a kDenied one for EACCES.
Error SystemError(std::string what, int errno_value);

}  // namespace uwsgi
