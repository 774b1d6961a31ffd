// SPDX-License-Identifier: MIT

#include "net/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "os/log_outputs.h"

namespace uwsgi {
namespace {

// Whoever knocks without being let in must not fill the log.
constexpr std::uint64_t kRefusalsLogged = 10;

// Nobody waits, or the descriptor is not a listener any more: see HeldDescriptors.
bool IsNoReasonToRest(int error) { return error == EAGAIN || error == EBADF || error == ENOTSOCK; }

}  // namespace

Acceptor::Acceptor(const std::vector<Listener>& listeners, const PeerPolicy& policy)
    : listeners_(listeners), policy_(policy), waiting_(listeners.size(), false) {}

bool Acceptor::MayConnect(const Listener& listener, const sockaddr_storage& address) {
  if (listener.wire == Wire::kHttp || address.ss_family == AF_UNIX) return true;
  if (policy_.web_servers.empty() || policy_.web_servers.Contains(address)) return true;
  if (++refusals_ <= kRefusalsLogged) {
    LogWarning("closed a connection on {} from {}: not in uwsgi-allow-from{}", listener.name,
               DescribePeer(address, policy_.proxies).text.data(),
               refusals_ == kRefusalsLogged ? " (further ones are not logged)" : "");
  }
  return false;
}

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
  // A uwsgi peer sends its own client's address.
  const bool wants_address = listener.wire == Wire::kHttp || !policy_.web_servers.empty();
  for (;;) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    Accepted accepted;
    accepted.fd.reset(::accept4(listener.fd,
                                wants_address ? reinterpret_cast<sockaddr*>(&address) : nullptr,
                                wants_address ? &size : nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.fd.valid()) {
      // Where the application has closed the log, nobody's connection may take its place.
      accepted.fd = os::AboveStandardFds(std::move(accepted.fd));
      if (wants_address && !MayConnect(listener, address)) continue;
      accepted.listener = &listener;
      if (wants_address) accepted.peer = DescribePeer(address, policy_.proxies);
      return accepted;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    waiting_[index] = false;
    exhaustion_ = IsNoReasonToRest(errno) ? 0 : errno;
    return std::nullopt;
  }
}

}  // namespace uwsgi
