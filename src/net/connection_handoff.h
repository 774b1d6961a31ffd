// SPDX-License-Identifier: MIT
//
// Passes connections between the workers of a generation, so that no request waits for a
// busy worker while another one is idle.
//
// A kept-alive connection stays with the worker that accepted it. When that worker is busy and the
// next request arrives, the connection goes, with the bytes read so far, into one queue
// that all workers read like a listener: the first free one takes it, the sender included. So does
// a new connection that a busy worker has accepted to see whether it can answer by itself.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "net/peer_address.h"
#include "uwsgi/listener.h"

namespace uwsgi {

class ConnectionHandoff {
 public:
  // What fits one packet of the queue beside its header.
  static constexpr std::size_t kMaxBytes = 64 * 1024;

  struct Passed {
    UniqueFd fd;
    const Listener* listener = nullptr;
    PeerAddress peer;
    std::string bytes;  // The request, as far as it was read.
  };

  // The queue's two ends, -1 when there is nobody to share with; the generation's, as are
  // `listeners` and `waiting`, which outlive this.
  // `waiting` counts what is in the queue.
  ConnectionHandoff(int send_fd, int receive_fd, const std::vector<Listener>& listeners,
                    std::atomic<std::int32_t>& waiting)
      : send_fd_(send_fd), receive_fd_(receive_fd), listeners_(listeners), count_(waiting) {}

  bool is_enabled() const { return send_fd_ >= 0; }
  int receive_fd() const { return receive_fd_; }
  // False when the queue is full: the connection stays. On success the receiver has a duplicate
  // of `fd`, and the caller closes its own.
  bool Send(int fd, const Listener& listener, const PeerAddress& peer, std::string_view bytes);
  // The poller saw something in the queue.
  void NoteWaiting() { waiting_ = true; }
  std::optional<Passed> Receive();

 private:
  const int send_fd_;
  const int receive_fd_;
  const std::vector<Listener>& listeners_;
  std::atomic<std::int32_t>& count_;  // All workers'.
  bool waiting_ = false;
};

}  // namespace uwsgi
