// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <memory>

#include "exchange/framing_filter.h"
#include "exchange/head_reader.h"
#include "uwsgi/request.h"

namespace uwsgi {

// A protocol between the server and its peers: everything that the life of a connection and of its
// requests owes to it. Immutable, one object for each, so any thread.
class WireProtocol {
 public:
  // What a connection may expect of its peer, and the peer of it.
  struct Traits {
    Wire wire = Wire::kUwsgi;  // What configuration calls it.
    // A PROXY header may come before anything else.
    bool takes_proxy_header = false;
    // The peer is as slow as a client may be: http-timeout counts instead of socket-timeout.
    bool has_own_timeout = false;
    // The server compresses responses; otherwise a web server before it does.
    bool compresses = false;
    // Something may follow a request's body.
    bool peer_may_send_more = false;
  };

  virtual ~WireProtocol() = default;
  WireProtocol(const WireProtocol&) = delete;
  WireProtocol& operator=(const WireProtocol&) = delete;

  const Traits& traits() const { return traits_; }

  // The exchange keeps it for all its requests on this wire.
  virtual std::unique_ptr<HeadReader> MakeHeadReader(const HeadReader::Context& context) const = 0;
  // The end of the chain of a response's filters, kept alike.
  virtual std::unique_ptr<FramingFilter> MakeFraming() const = 0;

 protected:
  explicit WireProtocol(const Traits& traits) : traits_(traits) {}

 private:
  const Traits traits_;
};

// The protocol that configuration calls `wire`.
const WireProtocol& ProtocolOf(Wire wire);
inline constexpr std::size_t kWireCount = 2;

}  // namespace uwsgi
