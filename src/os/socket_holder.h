// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "os/address.h"

namespace uwsgi::os {

// Who listens at an address of this machine: "process 1234 (uwsgi)", or an empty text where /proc
// does not tell, as of another user's process. Of several processes that share the socket, the one
// with the lowest pid. Looks through all of /proc: for messages about addresses in use.
std::string DescribeSocketHolder(const SocketAddress& address);

// Who listens at the other end of a connected unix socket, told likewise.
std::string DescribePeerProcess(int fd);

}  // namespace uwsgi::os
