// SPDX-License-Identifier: MIT

#include "os/fd_passing.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/check.h"

namespace uwsgi::os {
namespace {

struct ControlBuffer {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxPassedFds)> bytes;
};

// Takes over every descriptor of the message, wanted or not: none may leak.
std::vector<UniqueFd> TakeFds(msghdr& message) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> MakeSocketPair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
    return SystemError("cannot make a socket pair", errno);
  }
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

Result<bool> SendWithFds(int socket, std::string_view bytes, std::span<const int> fds,
                         Waiting waiting) {
  UWSGI_CHECK(!bytes.empty() && fds.size() <= kMaxPassedFds);
  iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  ControlBuffer control;
  if (!fds.empty()) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
  }
  const int flags = MSG_NOSIGNAL | (waiting == Waiting::kDontWait ? MSG_DONTWAIT : 0);
  for (;;) {
    if (sendmsg(socket, &message, flags) >= 0) return true;
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    const int error = errno;
    Error failure = SystemError("cannot send a message to another process of the server", error);
    if (error == EPIPE || error == ECONNRESET || error == ECONNREFUSED || error == ENOTCONN) {
      failure.code = ErrorCode::kClosed;
    }
    return failure;
  }
}

Result<std::optional<PassedMessage>> ReceiveWithFds(int socket, std::span<char> into,
                                                    Waiting waiting) {
  iovec piece{into.data(), into.size()};
  ControlBuffer control;
  const int flags = MSG_CMSG_CLOEXEC | (waiting == Waiting::kDontWait ? MSG_DONTWAIT : 0);
  for (;;) {
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t size = recvmsg(socket, &message, flags);
    if (size < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<PassedMessage>();
      Error failure =
          SystemError("cannot receive a message of another process of the server", errno);
      if (errno == ECONNRESET) failure.code = ErrorCode::kClosed;
      return failure;
    }
    PassedMessage received{static_cast<std::size_t>(size), TakeFds(message), false};
    const bool has_fds = !received.fds.empty() || (message.msg_flags & MSG_CTRUNC) != 0;
    if (size == 0 && !has_fds) {
      return Error{ErrorCode::kClosed, "the other process of the server has closed its socket"};
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) {
      return Error{ErrorCode::kTooLarge,
                   "a message of another process of the server is larger than expected"};
    }
    if ((message.msg_flags & MSG_CTRUNC) != 0) {
      received.fds.clear();
      received.lost_fds = true;
    }
    return std::optional<PassedMessage>(std::move(received));
  }
}

}  // namespace uwsgi::os
