// SPDX-License-Identifier: MIT
//
// The talk between the master and one generation, over a SOCK_SEQPACKET pair: the
// zygote's end is inherited by its workers, who report on it too. One packet is one message.

#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi {

enum class MessageKind : std::int32_t {
  // Master to zygote.
  kForkWorker = 1,  // worker_id, slot
  kQuit,            // After the requests before it: the zygote exits, its workers stay.
  // Zygote to master.
  kClockZone,  // text: the TZ of the loaded application, of none if value is 0; workers send it too
  kLoaded,     // value: milliseconds that loading took
  kLoadFailed,  // value: exit status (22 for need-app)
  kForked,      // worker_id, slot, pid
  kForkFailed,  // worker_id, slot, value: errno
  kLoadingAt,   // text: the answer to kWhereSignal
  kSignal,      // value: a signal meant for the master that reached the zygote; workers send it too
  // Worker to master.
  kWorkerReady,    // worker_id, slot, pid
  kWorkerRecycle,  // worker_id, slot, pid, value: RecycleReason; replace me, then send me SIGHUP
  kWorkerFailed,   // worker_id, slot, pid, value: exit status: could not load (lazy-apps)
};

enum class RecycleReason : std::int32_t {
  kMaxRequests = 1,
  kLifetime,
  kMemory,
  kTerminated,
  // These accept no more: their replacement is not put off.
  kHarakiri,
  kHangup,
  kLostDescriptor,
};

struct Message {
  MessageKind kind{};
  std::int32_t worker_id = 0;
  std::int32_t slot = 0;
  std::int32_t pid = 0;
  std::int32_t value = 0;
  std::array<char, 256> text{};  // Up to its first NUL.
};

// One end of the pair. Sending never blocks for long: the queue holds hundreds of messages.
class GenerationChannel {
 public:
  // The master's end, which does not block, and the zygote's end; both close-on-exec.
  static Result<std::pair<GenerationChannel, GenerationChannel>> Create();
  explicit GenerationChannel(UniqueFd fd) : fd_(std::move(fd)) {}

  // kBusy when the master's end finds the queue full, kClosed when the other side is gone.
  Result<void> Send(const Message& message) const;
  // The same for a channel's descriptor in a signal handler; a failure is silent.
  static void SendFromSignalHandler(int fd, const Message& message) noexcept;
  // Waits for one message. kClosed when the other side is gone.
  Result<Message> Receive() const;
  // The same without waiting: nothing when there is no message now.
  Result<std::optional<Message>> TryReceive() const;

  // The first packet of a generation: text of any length and at most kMaxBootDescriptors
  // descriptors that the zygote starts with. See boot_packet.h for what they say.
  static constexpr std::size_t kMaxBootDescriptors = 250;
  Result<void> SendBoot(const std::string& text, const std::vector<int>& fds) const;
  Result<std::pair<std::string, std::vector<UniqueFd>>> ReceiveBoot() const;

  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace uwsgi
