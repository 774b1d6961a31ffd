// SPDX-License-Identifier: MIT

#include "worker/acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/log.h"

namespace uwsgi {
namespace {

PeerAddress Describe(const sockaddr_storage& address) {
  PeerAddress peer;
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

}  // namespace

Acceptor::Acceptor(const std::vector<Listener>& listeners)
    : listeners_(listeners), waiting_(listeners.size(), false) {}

std::optional<Acceptor::Accepted> Acceptor::Accept() {
  for (std::size_t tried = 0; tried < waiting_.size(); ++tried) {
    const std::size_t index = next_;
    next_ = (next_ + 1) % waiting_.size();
    if (!waiting_[index]) continue;
    if (auto accepted = AcceptFrom(index)) return accepted;
  }
  return std::nullopt;
}

std::optional<Acceptor::Accepted> Acceptor::AcceptFrom(std::size_t index) {
  const Listener& listener = listeners_[index];
  // Only HTTP needs the address: a uwsgi peer sends its own client's.
  const bool wants_address = listener.wire == Wire::kHttp;
  for (;;) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    Accepted accepted;
    accepted.fd.reset(::accept4(listener.fd,
                                wants_address ? reinterpret_cast<sockaddr*>(&address) : nullptr,
                                wants_address ? &size : nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.fd.valid()) {
      accepted.listener = &listener;
      if (wants_address) accepted.peer = Describe(address);
      return accepted;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    waiting_[index] = false;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      if (!exhausted_) LogError("cannot accept on {}: {}", listener.name, std::strerror(errno));
      exhausted_ = true;
    }
    return std::nullopt;
  }
}

}  // namespace uwsgi
