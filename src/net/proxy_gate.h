// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

#include "net/peer_address.h"
#include "net/peer_policy.h"
#include "net/peer_socket.h"
#include "net/read_buffer.h"

namespace uwsgi {

// What a connection may or must begin with, in front of TLS and the first request: a header of the
// PROXY protocol, in which a proxy names its client.
struct ProxyGate {
  enum class Step {
    kWait,     // For more to read.
    kGone,     // The peer is.
    kPassed,   // The header was taken, and nothing beyond it.
    kAbsent,   // There is none, and none is demanded: `input` has what was read to find that out.
    kRefused,  // See `refusal`.
  };

  Step step = Step::kWait;
  std::string_view refusal = {};  // For the log.

  // Reads on from where it stopped, and puts the client that the header names into `peer`. Only a
  // peer that is trusted may name one. `input` is empty at first, and this function's alone.
  static ProxyGate Read(PeerSocket& socket, ReadBuffer& input, const PeerPolicy& policy,
                        PeerAddress& peer);
};

}  // namespace uwsgi
