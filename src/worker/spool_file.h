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
  void Clear();

 private:
  UniqueFd file_;
  std::uint64_t size_ = 0;
};

}  // namespace uwsgi
