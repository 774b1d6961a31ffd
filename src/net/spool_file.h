// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace uwsgi {

// How much of one response may lie in a file, and where.
struct SpoolLimits {
  std::string directory;
  std::uint64_t bytes = 0;  // 0: none.
};

// The room on the disk for the bodies that one worker keeps in files. The loop's owner's.
class SpoolRoom {
 public:
  // 0: no body goes to a file.
  explicit SpoolRoom(std::uint64_t limit) : limit_(limit) {}

  // False where no body goes to a file.
  bool is_usable() const { return limit_ > 0 && !lacks_files_; }
  // No file can be made: none will be tried again, and the log says so once.
  void NoteNoFiles(const Error& error);
  // False if there is no room for so many bytes more.
  bool Take(std::uint64_t bytes);
  void Return(std::uint64_t bytes) { used_ -= bytes; }
  // A client is sent away for want of room: the log says so, but not of each.
  void NoteFull();

 private:
  const std::uint64_t limit_;
  std::uint64_t used_ = 0;
  bool lacks_files_ = false;
  std::int64_t quiet_until_ns_ = 0;  // CLOCK_MONOTONIC.
};

// A file without a name, for what is too much to keep in memory. Gone when closed.
class SpoolFile {
 public:
  // `directory` must allow O_TMPFILE, as every usual file system does.
  Result<void> Open(const std::string& directory);
  void Close();
  bool is_open() const { return file_.valid(); }

  int fd() const { return file_.get(); }
  std::uint64_t size() const { return size_; }
  // All of it or, after an error, nothing.
  Result<void> Append(std::string_view bytes);
  // Starts over with an empty file.
  void Clear() { Cut(0); }
  // Forgets what lies beyond so many bytes.
  void Cut(std::uint64_t size);

 private:
  UniqueFd file_;
  std::uint64_t size_ = 0;
};

}  // namespace uwsgi
