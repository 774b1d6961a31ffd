// SPDX-License-Identifier: MIT

#include "os/pidfile_trust.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "base/c_locale.h"
#include "os/read_file.h"

namespace uwsgi::os {
namespace {

constexpr int kMostLinks = 40;  // As many as the kernel follows.

bool IsRoot() { return ::geteuid() == 0; }

Error Refused(std::string why) { return {ErrorCode::kDenied, std::move(why)}; }

Error CannotOpen(int error_number) {
  return {error_number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kDenied,
          fmt::format("cannot be opened: {}", ErrorText(error_number))};
}

// Goes down a path by its parts, and follows links of root alone.
class Walk {
 public:
  explicit Walk(std::filesystem::path path)
      : rest_(std::move(path)), here_(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

  // Where the path leads, as O_PATH.
  Result<UniqueFd> Go() {
    int links = 0;
    while (!rest_.empty()) {
      const std::filesystem::path part = *rest_.begin();
      UniqueFd next(::openat(here_.get(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      struct stat status {};
      if (!next.valid() || ::fstat(next.get(), &status) != 0) return CannotOpen(errno);
      std::filesystem::path below;
      for (auto each = std::next(rest_.begin()); each != rest_.end(); ++each) below /= *each;
      rest_ = std::move(below);
      if (!S_ISLNK(status.st_mode)) {
        here_ = std::move(next);
        continue;
      }
      if (status.st_uid != 0) {
        return Refused(fmt::format("is reached by a symbolic link of user {} ({})", status.st_uid,
                                   part.string()));
      }
      if (++links > kMostLinks) return CannotOpen(ELOOP);
      // The target of the link that was looked at, whoever may have put another one in its place.
      std::array<char, PATH_MAX> target{};
      const ssize_t size = ::readlinkat(next.get(), "", target.data(), target.size());
      if (size < 0) return CannotOpen(errno);
      rest_ =
          std::filesystem::path(std::string(target.data(), static_cast<std::size_t>(size))) / rest_;
    }
    return std::move(here_);
  }

 private:
  std::filesystem::path rest_;
  UniqueFd here_;
};

Result<UniqueFd> OpenByOwnLinks(const std::string& path) {
  auto found = Walk(path).Go();
  if (!found) return found;
  UniqueFd fd(::open(fmt::format("/proc/self/fd/{}", found->get()).c_str(),
                     O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return CannotOpen(errno);
  return fd;
}

// The real one: /proc says root of whoever was root once.
std::optional<uid_t> UserOf(pid_t pid) {
  const auto status = ReadFile(fmt::format("/proc/{}/status", pid));
  if (!status) return std::nullopt;
  constexpr std::string_view kKey = "\nUid:\t";
  const std::size_t at = status->find(kKey);
  uid_t user = 0;
  if (at == std::string::npos) return std::nullopt;
  const char* const begin = status->data() + at + kKey.size();
  const auto parsed = std::from_chars(begin, status->data() + status->size(), user);
  return parsed.ec == std::errc() ? std::optional(user) : std::nullopt;
}

std::string Executable(std::string_view process) {
  std::error_code failed;
  std::string path =
      std::filesystem::read_symlink(fmt::format("/proc/{}/exe", process), failed).string();
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  return path;
}

// Another version has the name of this one, in another place perhaps. Nobody but root may ask
// about everybody.
bool MayBeServer(pid_t pid) {
  const std::filesystem::path its = Executable(std::to_string(pid));
  return its.empty() || its.filename() == std::filesystem::path(Executable("self")).filename();
}

}  // namespace

Result<UniqueFd> OpenPidfile(const std::string& path) {
  if (IsRoot()) return OpenByOwnLinks(path);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return CannotOpen(errno);
  return fd;
}

Result<void> MaySignal(int pidfile, pid_t pid) {
  if (!MayBeServer(pid)) {
    return Refused(fmt::format("names process {}, which is no server but {}", pid,
                               Executable(std::to_string(pid))));
  }
  if (!IsRoot()) return {};
  struct stat status {};
  if (::fstat(pidfile, &status) != 0) return CannotOpen(errno);
  if (status.st_uid != 0 && status.st_uid != UserOf(pid)) {
    return Refused(fmt::format("belongs to user {}, who is neither root nor the user of process {}",
                               status.st_uid, pid));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Refused("may be written by others than its owner");
  }
  if (status.st_nlink != 1)
    return Refused("has another name too, which somebody may have given it");
  return {};
}

}  // namespace uwsgi::os
