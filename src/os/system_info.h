// SPDX-License-Identifier: MIT
//
// What the machine and the kernel say about themselves and about this process.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace uwsgi::os {

// The machine's name; "localhost" if it has none.
std::string Hostname();

// net.core.somaxconn: the kernel cuts longer listen queues to it, silently.
int Somaxconn();

// The processors that this process may run on, at least 1.
int UsableProcessors();

// The columns of the terminal that standard output is, or what COLUMNS says. 80 if nobody knows.
std::size_t TerminalWidth();

struct MemoryUsage {
  std::uint64_t rss = 0;  // Bytes.
  std::uint64_t vsz = 0;  // Bytes.
};
// The memory of this process. Zeros when /proc is not there.
MemoryUsage ReadMemoryUsage();

}  // namespace uwsgi::os
