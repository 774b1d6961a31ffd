// SPDX-License-Identifier: MIT

#include "os/held_descriptors.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace uwsgi::os {

void HeldDescriptors::Note(int fd, std::string name) {
  if (fd >= 0) entries_.push_back({fd, std::move(name), FileOf(fd)});
}

void HeldDescriptors::Renew(int fd) {
  for (Entry& entry : entries_) {
    if (entry.fd == fd) entry.file = FileOf(fd);
  }
}

bool HeldDescriptors::IsIntact(int fd) const {
  const auto entry = std::ranges::find(entries_, fd, &Entry::fd);
  return entry != entries_.end() && FileOf(fd) == entry->file;
}

std::string HeldDescriptors::FindLost() const {
  const auto lost = std::ranges::find_if(
      entries_, [](const Entry& entry) { return FileOf(entry.fd) != entry.file; });
  return lost == entries_.end() ? std::string() : lost->name;
}

std::optional<HeldDescriptors::File> HeldDescriptors::FileOf(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return std::nullopt;
  return File{status.st_dev, status.st_ino};
}

}  // namespace uwsgi::os
