// SPDX-License-Identifier: MIT

#include "net/spool_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/log.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

constexpr std::chrono::nanoseconds kQuiet = std::chrono::minutes(1);

}  // namespace

void SpoolRoom::NoteNoFiles(const Error& error) {
  if (lacks_files_) return;
  lacks_files_ = true;
  LogWarning(
      "the bodies of slow clients cannot wait in files, so threads wait for them: {} (see "
      "--post-buffering-dir)",
      error.message);
}

bool SpoolRoom::Take(std::uint64_t bytes) {
  if (bytes > limit_ - used_) return false;
  used_ += bytes;
  return true;
}

void SpoolRoom::NoteFull() {
  const std::int64_t now = os::MonotonicNs();
  if (now < quiet_until_ns_) return;
  quiet_until_ns_ = now + kQuiet.count();
  LogWarning("slow clients get 503: the bodies of others take {} of {} bytes (see --body-spool)",
             used_, limit_);
}

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

void SpoolFile::Cut(std::uint64_t size) {
  if (!is_open() || size_ <= size) return;
  if (::ftruncate(file_.get(), static_cast<off_t>(size)) == 0) size_ = size;
}

}  // namespace uwsgi
