// SPDX-License-Identifier: MIT

#include "worker/peer_socket.h"

#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

namespace uwsgi {
namespace {

IoOutcome FromSystem(ssize_t result) {
  if (result >= 0) return {static_cast<std::size_t>(result), IoStatus::kOk};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {0, IoStatus::kWouldBlock};
  return {0, IoStatus::kClosed};
}

}  // namespace

IoOutcome Receive(int fd, std::span<char> into) {
  ssize_t got = 0;
  do {
    got = ::recv(fd, into.data(), into.size(), MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return {0, IoStatus::kEnd};
  return FromSystem(got);
}

IoOutcome SendPieces(int fd, std::span<const iovec> pieces) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg only reads them.
  message.msg_iovlen = pieces.size();
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return FromSystem(sent);
}

IoOutcome SendFile(int fd, int file, std::uint64_t offset, std::size_t count) {
  auto position = static_cast<off_t>(offset);
  ssize_t sent = 0;
  do {
    sent = ::sendfile(fd, file, &position, count);
  } while (sent < 0 && errno == EINTR);
  if (sent == 0 && count > 0) return {0, IoStatus::kEnd};  // The file became shorter.
  return FromSystem(sent);
}

IoStatus WaitForPeer(Gateway& gateway, int fd, bool for_writing,
                     std::chrono::milliseconds timeout) {
  pollfd polled{fd, static_cast<short>(for_writing ? POLLOUT : POLLIN), 0};
  gateway.Release();
  int ready = 0;
  do {
    ready = ::poll(&polled, 1, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR);
  gateway.Acquire();
  return ready == 0 ? IoStatus::kTimeout : IoStatus::kOk;
}

}  // namespace uwsgi
