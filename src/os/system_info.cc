// SPDX-License-Identifier: MIT

#include "os/system_info.h"

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string_view>

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

int UsableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  // More processors than the set has room for.
  return static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

std::size_t TerminalWidth() {
  constexpr std::size_t kUsual = 80;
  constexpr std::size_t kNarrowest = 40;
  std::size_t width = 0;
  if (const char* const said = std::getenv("COLUMNS"); said != nullptr) {
    const std::string_view text = said;
    std::from_chars(text.data(), text.data() + text.size(), width);
  }
  winsize size{};
  if (width == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width = size.ws_col;
  return width == 0 ? kUsual : std::max(width, kNarrowest);
}

MemoryUsage ReadMemoryUsage() {
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return {resident_pages * page, total_pages * page};
}

}  // namespace uwsgi::os
