// SPDX-License-Identifier: MIT

#include "os/listen_queue.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cstring>

#include "base/unique_fd.h"

namespace uwsgi::os {
namespace {

struct UnixRequest {
  nlmsghdr header{};
  unix_diag_req socket{};
};

// Asks about the socket with this inode. Bytes of the answer; 0 for none.
std::size_t AskAboutUnixSocket(ino_t inode, std::array<char, 1024>& answer) {
  const UniqueFd netlink(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink.valid()) return 0;
  UnixRequest request;
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.socket.sdiag_family = AF_UNIX;
  request.socket.udiag_states = ~0U;
  request.socket.udiag_ino = static_cast<std::uint32_t>(inode);
  request.socket.udiag_show = UDIAG_SHOW_RQLEN;
  request.socket.udiag_cookie[0] = request.socket.udiag_cookie[1] = ~0U;
  if (::send(netlink.get(), &request, sizeof(request), 0) < 0) return 0;
  // The kernel answers within send.
  const ssize_t got = ::recv(netlink.get(), answer.data(), answer.size(), 0);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

std::optional<ListenQueue> ReadUnixQueue(ino_t inode) {
  std::array<char, 1024> answer{};
  const std::size_t size = AskAboutUnixSocket(inode, answer);
  nlmsghdr header{};
  std::size_t position = NLMSG_LENGTH(sizeof(unix_diag_msg));
  if (size < position) return std::nullopt;
  std::memcpy(&header, answer.data(), sizeof(header));
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  for (rtattr attribute{}; position + sizeof(attribute) <= size;
       position += RTA_ALIGN(attribute.rta_len)) {
    std::memcpy(&attribute, answer.data() + position, sizeof(attribute));
    if (attribute.rta_len < sizeof(attribute)) break;
    unix_diag_rqlen lengths{};
    if (attribute.rta_type != UNIX_DIAG_RQLEN || attribute.rta_len < RTA_LENGTH(sizeof(lengths)) ||
        position + RTA_LENGTH(sizeof(lengths)) > size) {
      continue;
    }
    std::memcpy(&lengths, answer.data() + position + RTA_LENGTH(0), sizeof(lengths));
    return ListenQueue{lengths.udiag_rqueue, lengths.udiag_wqueue};
  }
  return std::nullopt;
}

}  // namespace

std::optional<ListenQueue> ReadListenQueue(int fd) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
    // These two count the queue where the socket listens.
    return ListenQueue{info.tcpi_unacked, info.tcpi_sacked};
  }
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode)) return std::nullopt;
  return ReadUnixQueue(status.st_ino);
}

}  // namespace uwsgi::os
