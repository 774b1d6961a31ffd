// SPDX-License-Identifier: MIT

#include "os/read_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"

namespace uwsgi::os {
namespace {

constexpr std::size_t kLargest = std::size_t{16} << 20;

Error CannotRead(std::string_view what, const std::string& path) {
  const int error_number = errno;
  return SystemError(fmt::format("cannot read {}{}", what, path), error_number);
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::string_view what) {
  UniqueFd file(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return CannotRead(what, path);
  std::string text;
  std::array<char, 65536> block;
  while (true) {
    const ssize_t size = read(file.get(), block.data(), block.size());
    if (size == 0) return text;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return CannotRead(what, path);
    text.append(block.data(), static_cast<std::size_t>(size));
    if (text.size() > kLargest) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("cannot read {}{}: larger than 16 MiB", what, path)};
    }
  }
}

}  // namespace uwsgi::os
