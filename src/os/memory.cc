// SPDX-License-Identifier: MIT

#include "os/memory.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace uwsgi::os {
namespace {

struct Mapping {
  std::uintptr_t begin = 0;
  std::size_t size = 0;
  bool is_read_only_file = false;
};

// The first line of a mapping in smaps: `7f1c00000000-7f1c00021000 r-xp 00002000 fe:00 1234 PATH`.
Mapping ParseMapping(const std::string& line) {
  Mapping mapping;
  std::uintptr_t end = 0;
  char dash = '\0';
  std::string permissions;
  std::string offset;
  std::string device;
  std::uint64_t inode = 0;
  std::istringstream text(line);
  text >> std::hex >> mapping.begin >> dash >> end;
  text >> permissions >> offset >> device >> std::dec >> inode;
  mapping.size = end - mapping.begin;
  mapping.is_read_only_file = text && inode != 0 && permissions.find('w') == std::string::npos;
  return mapping;
}

// Threads of the application run meanwhile, and may map something else in the place of a file.
bool HasOtherThreads() {
  std::error_code error;
  const std::filesystem::directory_iterator tasks("/proc/self/task", error);
  return error || std::distance(begin(tasks), end(tasks)) > 1;
}

bool IsZero(const std::string& field) {
  return field.find_first_of("123456789") == std::string::npos;
}

}  // namespace

void DropFilePages() {
  if (HasOtherThreads()) return;
  std::vector<Mapping> unchanged;
  std::ifstream smaps("/proc/self/smaps");
  Mapping mapping;
  bool is_unchanged = false;
  for (std::string line; std::getline(smaps, line);) {
    if (line.find(':') > line.find(' ')) {
      mapping = ParseMapping(line);
    } else if (line.starts_with("Anonymous:")) {
      // Such pages were changed before they became read-only, by the dynamic linker or a debugger,
      // and would not come back; nor would they from the swap space, which is counted by itself.
      is_unchanged = IsZero(line);
    } else if (line.starts_with("Swap:") && is_unchanged && IsZero(line)) {
      if (mapping.is_read_only_file) unchanged.push_back(mapping);
    }
  }
  for (const Mapping& each : unchanged) {
    // The kernel refuses what is locked in memory, which then stays.
    (void)::madvise(reinterpret_cast<void*>(each.begin), each.size, MADV_DONTNEED);
  }
}

}  // namespace uwsgi::os
