// SPDX-License-Identifier: MIT

#include "static_files/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <optional>

namespace uwsgi {
namespace {

constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// Where an open file is now; the kernel's word, so free of links.
std::optional<std::string> RealPath(int fd) {
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  std::array<char, PATH_MAX> path;
  const ssize_t size = readlink(link.c_str(), path.data(), path.size());
  if (size <= 0 || static_cast<std::size_t>(size) == path.size()) return std::nullopt;
  return std::string(path.data(), static_cast<std::size_t>(size));
}

bool IsBelow(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

bool IsBelowOneOf(const std::string& path, const std::vector<std::string>& directories,
                  int& shortage) {
  return std::ranges::any_of(directories, [&](const std::string& directory) {
    const OpenedFile opened = OpenRoot(directory);
    if (opened.shortage != 0) shortage = opened.shortage;
    const std::optional<std::string> real =
        opened.fd.valid() ? RealPath(opened.fd.get()) : std::nullopt;
    return real && IsBelow(path, *real);
  });
}

bool HaveSameOwner(int file, int other) {
  struct stat a;
  struct stat b;
  return fstat(file, &a) == 0 && fstat(other, &b) == 0 && a.st_uid == b.st_uid;
}

// For links that openat2 can not judge, and for kernels and sandboxes without it: finds the file,
// following links, asks where it really is, and opens that very file.
OpenedFile OpenChecked(int root, const std::string& relative, const LinkPolicy& policy) {
  OpenedFile found = OpenedFile::FromOpen(openat(root, relative.c_str(), O_PATH | O_CLOEXEC));
  if (!found.fd.valid()) return found;
  const std::optional<std::string> path = RealPath(found.fd.get());
  const std::optional<std::string> root_path = RealPath(root);
  if (!path || !root_path) return {};
  bool allowed = policy.follow == FollowLinks::kAll;
  int shortage = 0;
  if (policy.follow == FollowLinks::kNone) {
    allowed = *path == *root_path || *path == *root_path + "/" + relative;
  } else if (!allowed) {
    allowed = IsBelow(*path, *root_path) || IsBelowOneOf(*path, policy.safe_dirs, shortage) ||
              (policy.follow == FollowLinks::kOwner && HaveSameOwner(found.fd.get(), root));
  }
  if (!allowed) return {{}, shortage};
  const std::string link = "/proc/self/fd/" + std::to_string(found.fd.get());
  return OpenedFile::FromOpen(open(link.c_str(), kReadFlags));
}

}  // namespace

bool IsPlainPath(std::string_view relative) {
  if (relative.find('\0') != std::string_view::npos) return false;
  if (relative.ends_with('/')) {
    relative.remove_suffix(1);
    if (relative.empty()) return false;
  }
  while (!relative.empty()) {
    const std::size_t slash = relative.find('/');
    const std::string_view segment = relative.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (slash == std::string_view::npos) break;
    relative.remove_prefix(slash + 1);
    if (relative.empty()) return false;
  }
  return true;
}

OpenedFile OpenedFile::FromOpen(int result) {
  if (result >= 0) return {UniqueFd(result), 0};
  const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
  return {{}, is_short ? errno : 0};
}

OpenedFile OpenRoot(const std::string& path) {
  return OpenedFile::FromOpen(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

const OpenedFile& OpenRoots::Open(const std::string& root) {
  const auto found = std::ranges::find(roots_, std::string_view(root), &Root::path);
  if (found != roots_.end()) return found->directory;
  roots_.push_back({root, OpenRoot(root)});
  return roots_.back().directory;
}

OpenedFile OpenBeneath(const OpenedFile& root, const std::string& relative,
                       const LinkPolicy& policy) {
  if (!root.fd.valid()) return {{}, root.shortage};
  const std::string path = relative.empty() ? "." : relative;
  open_how how{};
  how.flags = kReadFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (policy.follow == FollowLinks::kNone) how.resolve |= RESOLVE_NO_SYMLINKS;
  const long fd = syscall(SYS_openat2, root.fd.get(), path.c_str(), &how, sizeof(how));
  OpenedFile opened = OpenedFile::FromOpen(static_cast<int>(fd));
  if (opened.fd.valid() || opened.shortage != 0) return opened;
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case ELOOP:
    case ENAMETOOLONG:
      return {};
    default:  // EXDEV: a link leads out, or is absolute. ENOSYS, EPERM: no such call here.
      return OpenChecked(root.fd.get(), path, policy);
  }
}

}  // namespace uwsgi
