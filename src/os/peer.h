// SPDX-License-Identifier: MIT

#pragma once

namespace uwsgi::os {

// True until the peer of the connected socket `fd` has closed or reset the connection. Takes no
// byte and does not wait; costs one system call.
bool PeerIsThere(int fd);

}  // namespace uwsgi::os
