// SPDX-License-Identifier: MIT

#include "worker/spool_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

namespace uwsgi {

Result<void> SpoolFile::Open(const std::string& directory) {
  size_ = 0;
  file_.reset(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file_.valid()) return {};
  return SystemError("cannot create a file in " + directory, errno);
}

void SpoolFile::Close() {
  file_.reset();
  size_ = 0;
}

Result<void> SpoolFile::Append(std::string_view bytes) {
  std::uint64_t end = size_;
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(end));
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError(fmt::format("cannot write {} bytes", bytes.size()), errno);
    }
    end += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  size_ = end;
  return {};
}

void SpoolFile::Clear() {
  if (!is_open() || size_ == 0) return;
  if (::ftruncate(file_.get(), 0) == 0) size_ = 0;
}

}  // namespace uwsgi
