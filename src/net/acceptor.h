// SPDX-License-Identifier: MIT

#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "base/unique_fd.h"
#include "net/peer_address.h"
#include "net/peer_policy.h"
#include "uwsgi/listener.h"

namespace uwsgi {

// Takes connections from the listeners that were reported ready, in turn.
class Acceptor {
 public:
  struct Accepted {
    UniqueFd fd;
    const Listener* listener = nullptr;
    PeerAddress peer;
  };

  // Both outlive the acceptor.
  Acceptor(const std::vector<Listener>& listeners, const PeerPolicy& policy);

  // The poller saw that somebody waits at listener number `index`.
  void NoteWaiting(std::size_t index) { waiting_[index] = true; }
  // Somebody waits, or nobody does, at every listener.
  void NoteAll(bool waiting) { waiting_.assign(waiting_.size(), waiting); }

  // One new connection, or nothing when nobody waits (another worker may have been faster).
  std::optional<Accepted> Accept();

  // Why the last Accept found nobody, when the process or the system has no descriptors or memory
  // left: accepting should rest for a while. 0 otherwise.
  int exhaustion() const { return exhaustion_; }
  void ForgetExhaustion() { exhaustion_ = 0; }

 private:
  std::optional<Accepted> AcceptFrom(std::size_t index);
  bool MayConnect(const Listener& listener, const sockaddr_storage& address);

  const std::vector<Listener>& listeners_;
  const PeerPolicy& policy_;
  std::vector<bool> waiting_;
  std::size_t next_ = 0;
  int exhaustion_ = 0;  // An errno.
  std::uint64_t refusals_ = 0;
};

}  // namespace uwsgi
