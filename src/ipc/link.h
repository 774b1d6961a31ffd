// SPDX-License-Identifier: MIT
//
// The talk between the master and one of its processes, both ways, over a SOCK_SEQPACKET pair of
// their own. One packet is one message: its kind, its target, its payload.
//
// The master makes the pair. A zygote finds its end at kLinkFd after its exec; a worker's end comes
// to the zygote with the request to fork it, and the worker puts it in the place of the zygote's:
// so every process has the way to the master at kLinkFd, and none has another's.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/message.h"

namespace uwsgi {

inline constexpr int kLinkFd = 3;

// One end. The queue holds hundreds of messages.
class Link {
 public:
  enum class WhenFull { kFail, kWait };
  static constexpr std::size_t kMaxPayload = 4096;

  // The master's end, which fails when the queue is full, and the process's end, which waits; both
  // close-on-exec.
  static Result<std::pair<Link, Link>> Create();
  explicit Link(UniqueFd fd, WhenFull when_full = WhenFull::kWait)
      : fd_(std::move(fd)), when_full_(when_full) {}

  // kBusy when the queue is full, kClosed when the other side is gone. `fd` of the message stays
  // the caller's.
  Result<void> Send(const Message& message) const;
  // For a link's descriptor in a signal handler; a failure is silent.
  static void SendFromSignalHandler(int fd, MessageKind kind,
                                    std::span<const char> payload) noexcept;
  // Waits for one message. kClosed when the other side is gone; kMalformed or kTooLarge for one
  // that is none of the server's, after which the next may be good. A descriptor for which this
  // process has no room is missing from the message.
  Result<Message> Receive() const;
  // Nothing when there is no message now.
  Result<std::optional<Message>> TryReceive() const;

  // The first packet to a zygote: text of any length and at most kMaxBootDescriptors descriptors
  // that it starts with. See boot_packet.h for what they say.
  static constexpr std::size_t kMaxBootDescriptors = 250;
  Result<void> SendBoot(const std::string& text, const std::vector<int>& fds) const;
  Result<std::pair<std::string, std::vector<UniqueFd>>> ReceiveBoot() const;

  int fd() const { return fd_.get(); }
  // Gives the descriptor away; nothing can be sent any more.
  UniqueFd Release() { return std::move(fd_); }

 private:
  Result<void> SendBytes(std::string_view bytes, std::span<const int> fds) const;

  UniqueFd fd_;
  WhenFull when_full_;
};

}  // namespace uwsgi
