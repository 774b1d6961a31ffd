// SPDX-License-Identifier: MIT

#include "net/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>

namespace uwsgi {

PeerAddress DescribePeer(const sockaddr_storage& address, const AddressRanges& trusted) {
  PeerAddress peer;
  peer.is_trusted = trusted.Contains(address);
  in_port_t port = 0;
  if (address.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &four.sin_addr, peer.text.data(), peer.text.size());
    port = four.sin_port;
  } else if (address.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
      inet_ntop(AF_INET, &six.sin6_addr.s6_addr[12], peer.text.data(), peer.text.size());
    } else {
      inet_ntop(AF_INET6, &six.sin6_addr, peer.text.data(), peer.text.size());
    }
    port = six.sin6_port;
  } else {
    return peer;
  }
  *std::to_chars(peer.port.data(), peer.port.data() + peer.port.size() - 1, ntohs(port)).ptr = '\0';
  return peer;
}

std::string PeerName(const PeerAddress& peer, int fd) {
  if (!peer.is_unix()) return peer.text.data();
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    const PeerAddress found = DescribePeer(address, {});
    if (!found.is_unix()) return found.text.data();
  }
  return "a local peer";
}

}  // namespace uwsgi
