// SPDX-License-Identifier: MIT
//
// Messages with descriptors between processes of the server, over unix sockets that keep
// message borders (SOCK_SEQPACKET). Plain functions: the sockets stay the caller's.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi::os {

// The kernel takes no more in one message.
constexpr std::size_t kMaxPassedFds = 253;

enum class Waiting { kWait, kDontWait };

// Both ends SOCK_SEQPACKET and close-on-exec. Blocking; kDontWait works all the same.
Result<std::pair<UniqueFd, UniqueFd>> MakeSocketPair();

// Sends one message; the receiver gets duplicates of `fds`. `bytes` must not be empty. False when
// the queue is full and `waiting` is kDontWait, or the socket does not block; kClosed when nobody
// can receive it any more.
Result<bool> SendWithFds(int socket, std::string_view bytes, std::span<const int> fds,
                         Waiting waiting);

struct PassedMessage {
  std::size_t size = 0;       // Bytes written to `into`.
  std::vector<UniqueFd> fds;  // Close-on-exec.
  bool lost_fds = false;      // This process had no room for them: `fds` is empty.
};

// Receives one message. Nothing when there is none now; kClosed when the other side is gone;
// kTooLarge when it did not fit `into`: the message is lost then, its descriptors are closed.
Result<std::optional<PassedMessage>> ReceiveWithFds(int socket, std::span<char> into,
                                                    Waiting waiting);

}  // namespace uwsgi::os
