// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "uwsgi/gateway.h"

struct iovec;

namespace uwsgi {

enum class IoStatus {
  kOk,
  kWouldBlock,
  kEnd,     // The peer will send no more.
  kClosed,  // Reset or broken.
  kTimeout,
};

struct IoOutcome {
  std::size_t bytes = 0;
  IoStatus status = IoStatus::kOk;
};

// The client's socket, non-blocking and without signals. Closing it is the owner's business.
IoOutcome Receive(int fd, std::span<char> into);
IoOutcome SendPieces(int fd, std::span<const iovec> pieces);
// From the regular file `file` at `offset`.
IoOutcome SendFile(int fd, int file, std::uint64_t offset, std::size_t count);

// Waits until `fd` can be read (or written), without the execution right. kOk also when the
// connection broke: the next call says how.
IoStatus WaitForPeer(Gateway& gateway, int fd, bool for_writing, std::chrono::milliseconds timeout);

}  // namespace uwsgi
