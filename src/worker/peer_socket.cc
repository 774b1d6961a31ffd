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

IoOutcome PeerSocket::Receive(std::span<char> into) {
  ssize_t got = 0;
  do {
    got = ::recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return {0, IoStatus::kEnd};
  return FromSystem(got);
}

IoOutcome PeerSocket::Send(std::span<const iovec> pieces, bool more) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // sendmsg only reads them.
  message.msg_iovlen = pieces.size();
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0);
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(fd_.get(), &message, flags);
  } while (sent < 0 && errno == EINTR);
  return FromSystem(sent);
}

IoOutcome PeerSocket::SendFile(int file, std::uint64_t offset, std::size_t count) {
  auto position = static_cast<off_t>(offset);
  ssize_t sent = 0;
  do {
    sent = ::sendfile(fd_.get(), file, &position, count);
  } while (sent < 0 && errno == EINTR);
  if (sent == 0 && count > 0) return {0, IoStatus::kEnd};
  return FromSystem(sent);
}

IoStatus PeerSocket::Wait(Gateway& gateway, bool for_writing,
                          std::chrono::milliseconds timeout) const {
  pollfd polled{fd_.get(), static_cast<short>(for_writing ? POLLOUT : POLLIN), 0};
  gateway.Release();
  int ready = 0;
  do {
    ready = ::poll(&polled, 1, static_cast<int>(timeout.count()));
  } while (ready < 0 && errno == EINTR);
  gateway.Acquire();
  return ready == 0 ? IoStatus::kTimeout : IoStatus::kOk;
}

bool PeerSocket::IsConnected() const {
  char byte = 0;
  const ssize_t got = ::recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

void PeerSocket::ShutdownWrite() { ::shutdown(fd_.get(), SHUT_WR); }

void PeerSocket::Shutdown() { ::shutdown(fd_.get(), SHUT_RDWR); }

void PeerSocket::ResetOnClose() {
  const linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

}  // namespace uwsgi
