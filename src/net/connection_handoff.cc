// SPDX-License-Identifier: MIT

#include "net/connection_handoff.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "os/fd_passing.h"

namespace uwsgi {
namespace {

// What precedes the bytes in a packet.
struct PacketStart {
  std::uint32_t listener = 0;
  PeerAddress peer;
};

}  // namespace

bool ConnectionHandoff::Send(int fd, const Listener& listener, const PeerAddress& peer,
                             std::string_view bytes) {
  if (!is_enabled() || bytes.size() > kMaxBytes) return false;
  PacketStart start;
  start.listener = static_cast<std::uint32_t>(&listener - listeners_.data());
  start.peer = peer;
  std::string packet(reinterpret_cast<const char*>(&start), sizeof(start));
  packet.append(bytes);
  const auto sent = os::SendWithFds(send_fd_, packet, {&fd, 1}, os::Waiting::kDontWait);
  if (!sent || !*sent) return false;
  count_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

std::optional<ConnectionHandoff::Passed> ConnectionHandoff::Receive() {
  if (!waiting_) return std::nullopt;
  std::string packet(sizeof(PacketStart) + kMaxBytes, '\0');
  auto received = os::ReceiveWithFds(receive_fd_, packet, os::Waiting::kDontWait);
  if (!received || !*received || (*received)->lost_fds) {
    waiting_ = false;
    return std::nullopt;
  }
  count_.fetch_sub(1, std::memory_order_relaxed);
  os::PassedMessage& message = **received;
  PacketStart start;
  if (message.size < sizeof(start) || message.fds.size() != 1) return std::nullopt;
  std::memcpy(&start, packet.data(), sizeof(start));
  if (start.listener >= listeners_.size()) return std::nullopt;
  Passed passed;
  passed.fd = std::move(message.fds.front());
  passed.listener = &listeners_[start.listener];
  passed.peer = start.peer;
  passed.bytes = packet.substr(sizeof(start), message.size - sizeof(start));
  return passed;
}

}  // namespace uwsgi
