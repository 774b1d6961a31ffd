// SPDX-License-Identifier: MIT
//
// Socket addresses, as configuration writes them.
//
//   :3031  *:3031  127.0.0.1:3031  localhost:3031  [::1]:3031  [::]:3031    TCP; port 0 is any free
//   one /run/site.sock  ./site.sock  site.sock                                  unix
//   @site  \0site                                                           abstract unix
//   fd://3                                                                  an inherited descriptor

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "uwsgi/listener.h"

namespace uwsgi {

struct Address {
  // The family of an inherited descriptor only the descriptor tells.
  AddressFamily family = AddressFamily::kTcp4;
  std::string host;        // TCP: as written without brackets; empty for every interface.
  std::uint16_t port = 0;  // TCP.
  std::string path;        // unix: the path. Abstract: the name without its NUL.
  int inherited_fd = -1;   // fd://N

  bool is_tcp() const { return family == AddressFamily::kTcp4 || family == AddressFamily::kTcp6; }
};

// Text with a colon is TCP unless it starts with '/' or '.'. Resolves no names.
Result<Address> ParseAddress(std::string_view text);

// Where a log goes by UDP: "[udp:]HOST:PORT". Nothing for the name of a file: one with a slash, or
// that ends otherwise.
std::optional<Result<Address>> ParseUdpLog(std::string_view text);

// The address of an HTTP socket that may be written as a URL: what stands in "http://ADDRESS/", and
// every other text as it is. Fails with kInvalid on a URL of another kind.
Result<std::string> AddressOfHttpUrl(std::string_view text);

}  // namespace uwsgi
