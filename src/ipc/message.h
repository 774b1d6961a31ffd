// SPDX-License-Identifier: MIT
//
// What processes of the server say to each other over their links.
//
// A payload is one value of a fixed size, which its kind decides. Who receives it takes no other
// size: applications share the process with one end, and may have written there.

#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/unique_fd.h"

namespace uwsgi {

enum class MessageKind : std::int32_t {
  // Master to zygote.
  kFork = 1,  // ForkRequest, with the new process's end of its link
  kQuit,      // After the requests before it: the zygote exits, its workers stay.
  // Master to worker.
  kRetire,  // Finish what you have begun, and go: a graceful SIGHUP that nobody can take away.
  // Zygote to master.
  kLoaded,      // Number: milliseconds that loading took
  kForked,      // ForkAnswer
  kForkFailed,  // ForkAnswer
  kLoadingAt,   // ShortText: the answer to kWhereSignal
  // Worker to master. It is the link that says which.
  kReady,
  kRecycle,  // Number: RecycleReason; replace me, then retire me
  // Zygote or worker to master.
  kLoadFailed,  // Number: exit status (22 for need-app), which follows
  kClockZone,   // ClockZoneText: that of the loaded application
  kSignal,      // Number: a signal meant for the master that reached another process
};

enum class RecycleReason : std::int32_t {
  kMaxRequests = 1,
  kMemory,
  kTerminated,  // By a signal of somebody else than the master.
  // These accept no more: their replacement is not put off.
  kHarakiri,
  kHangup,
  kLostDescriptor,
};

struct Number {
  std::int32_t value = 0;
};

// Up to its first NUL.
struct ShortText {
  std::array<char, 256> bytes{};

  std::string_view view() const { return {bytes.data(), ::strnlen(bytes.data(), bytes.size())}; }
};

struct ClockZoneText {
  std::int32_t is_set = 0;  // 0: the application has no TZ.
  ShortText text;
};

// The process that Message::target says: the number of its seat among those of its kind, from 1.
struct ForkRequest {
  std::array<char, 16> kind{};  // ProcessKind::name, up to the first NUL.
  std::int32_t slot = 0;        // Tells it from its predecessor in the same seat.

  static ForkRequest Of(std::string_view kind, int slot) {
    ForkRequest request{.kind = {}, .slot = slot};
    kind.copy(request.kind.data(), request.kind.size() - 1);
    return request;
  }
  std::string_view kind_name() const { return {kind.data(), ::strnlen(kind.data(), kind.size())}; }
};

struct ForkAnswer {
  ForkRequest request;
  std::int32_t pid = 0;  // Of kForked.
};

struct Message {
  MessageKind kind{};
  std::int32_t target = 0;  // The seat that it is about or for; 0: none in particular.
  std::string payload{};
  UniqueFd fd{};  // That goes with it: the receiver gets a duplicate.

  template <typename Payload>
  static Message With(MessageKind kind, const Payload& payload, int target = 0) {
    static_assert(std::is_trivially_copyable_v<Payload>);
    return {.kind = kind,
            .target = target,
            .payload = std::string(reinterpret_cast<const char*>(&payload), sizeof payload)};
  }
  // Nothing when the payload has not this size.
  template <typename Payload>
  std::optional<Payload> As() const {
    static_assert(std::is_trivially_copyable_v<Payload>);
    if (payload.size() != sizeof(Payload)) return std::nullopt;
    Payload value;
    std::memcpy(&value, payload.data(), sizeof value);
    return value;
  }
};

}  // namespace uwsgi
