// SPDX-License-Identifier: MIT

#include "os/system_info.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace uwsgi::os {

std::string Hostname() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

int Somaxconn() {
  int limit = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> limit;
  return limit > 0 ? limit : SOMAXCONN;
}

MemoryUsage ReadMemoryUsage() {
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return {resident_pages * page, total_pages * page};
}

}  // namespace uwsgi::os
