// SPDX-License-Identifier: MIT

#include "config/read_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"

namespace uwsgi::config {
namespace {

constexpr std::size_t kLargest = std::size_t{16} << 20;

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  UniqueFd file(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return SystemError(fmt::format("cannot read {}", path), errno);
  std::string text;
  std::array<char, 65536> block;
  while (true) {
    const ssize_t size = read(file.get(), block.data(), block.size());
    if (size == 0) return text;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError(fmt::format("cannot read {}", path), errno);
    text.append(block.data(), static_cast<std::size_t>(size));
    if (text.size() > kLargest) {
      return Error{ErrorCode::kTooLarge, fmt::format("cannot read {}: larger than 16 MiB", path)};
    }
  }
}

}  // namespace uwsgi::config
