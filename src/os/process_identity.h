// SPDX-License-Identifier: MIT
//
// Which process it is, in 64 bits that may stand in shared memory: its pid, and the lower half of
// when it started, so that a later process with the same pid is another.

#pragma once

#include <sys/types.h>

#include <cstdint>

namespace uwsgi::os {

using ProcessIdentity = std::uint64_t;  // 0 is nobody's.

// Costs a load, but in a new process. Any thread; after a fork by fork(2), too.
ProcessIdentity ThisProcess();

inline pid_t PidOf(ProcessIdentity identity) { return static_cast<pid_t>(identity & 0xffff'ffffu); }

// False once it has ended, whether or not its parent has noticed. Reads /proc; without it, a pid
// that somebody has counts as alive.
bool IsAlive(ProcessIdentity identity);

}  // namespace uwsgi::os
