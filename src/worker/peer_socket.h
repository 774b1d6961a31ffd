// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/unique_fd.h"
#include "uwsgi/gateway.h"

struct iovec;

namespace uwsgi {

enum class IoStatus {
  kOk,
  kWouldBlock,
  kEnd,     // The peer will send no more; of a file: it is shorter than it was.
  kClosed,  // Reset or broken.
  kTimeout,
};

struct IoOutcome {
  std::size_t bytes = 0;
  IoStatus status = IoStatus::kOk;
};

// A client's socket, non-blocking and without signals. The loop's owner has it, and the
// request's thread while a request runs; never both at once.
class PeerSocket {
 public:
  void Open(UniqueFd fd) { fd_ = std::move(fd); }
  void Close() { fd_.reset(); }
  bool is_open() const { return fd_.valid(); }
  int fd() const { return fd_.get(); }

  IoOutcome Receive(std::span<char> into);
  // With `more` the kernel may wait for the next call to fill a packet.
  IoOutcome Send(std::span<const iovec> pieces, bool more = false);
  // From the regular file `file` at `offset`.
  IoOutcome SendFile(int file, std::uint64_t offset, std::size_t count);

  // Waits until the socket can be read (or written), without the execution right. kOk also when
  // the connection broke: the next call says how.
  IoStatus Wait(Gateway& gateway, bool for_writing, std::chrono::milliseconds timeout) const;
  // False once the peer has closed or reset the connection.
  bool IsConnected() const;

  // The peer sees the end of what was sent, and may still send.
  void ShutdownWrite();
  // Ends both directions at once. From any thread.
  void Shutdown();
  // Close will reset the connection, so that nobody takes what was sent for all there is.
  void ResetOnClose();

 private:
  UniqueFd fd_;
};

}  // namespace uwsgi
