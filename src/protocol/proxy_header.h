// SPDX-License-Identifier: MIT
//
// What a proxy says about its client before the first byte of a connection: the PROXY protocol,
// versions 1 and 2 (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt).

#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <string_view>

namespace uwsgi::protocol {

// A header with its extensions is not longer.
inline constexpr std::size_t kMaxProxyHeader = 4096;

struct ProxyHeader {
  enum class Status {
    kNeedMore,
    kDone,
    kAbsent,     // What the connection begins with is something else.
    kMalformed,  // The connection is to be closed, without an answer.
  };

  Status status = Status::kNeedMore;
  std::size_t size = 0;  // Bytes of the header, when done.
  // The client. AF_UNSPEC when the proxy speaks for itself (LOCAL, UNKNOWN) or does not say: the
  // connection's own address counts then.
  sockaddr_storage client = {};
};

// `bytes` are the connection's first ones.
ProxyHeader ParseProxyHeader(std::string_view bytes);

}  // namespace uwsgi::protocol
