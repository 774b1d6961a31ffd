// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/io_outcome.h"
#include "net/peer_socket.h"

namespace uwsgi {

// The end of a connection whose client may still send or has not read its answer yet. Closing a
// socket with unread input resets the connection, and what is unsent of the answer is lost: so the
// input is read and thrown away for a while.
class Lingering {
 public:
  // How long it goes on without input.
  static constexpr std::chrono::milliseconds kPause{5000};
  // How long it goes on at most, unless the client still takes its answer.
  static constexpr std::chrono::milliseconds kTotal{30'000};

  // `now` is the loop's clock.
  void Begin(std::uint64_t now);
  // Throws away what has come, without waiting. kOk: something had; kWouldBlock: nothing; other
  // than these: there is nothing to wait for.
  IoStatus Discard(PeerSocket& socket) const;
  // Another pause may follow.
  bool HasTimeLeft(std::uint64_t now) const;
  // The client has taken some of its answer since the last call, and has not got all of it.
  bool HasProgress(const PeerSocket& socket);

 private:
  std::uint64_t ends_at_ = 0;
  std::size_t unsent_ = 0;
};

}  // namespace uwsgi
