// SPDX-License-Identifier: MIT

#include "static_files/paths.h"

#include <filesystem>
#include <system_error>

namespace uwsgi {

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

std::optional<std::string_view> RestBelow(std::string_view path, std::string_view mount) {
  if (!path.starts_with(mount)) return std::nullopt;
  path.remove_prefix(mount.size());
  if (path.empty()) return path;
  if (path.front() != '/') return std::nullopt;
  return path.substr(1);
}

LinkPolicy MakeLinkPolicy(const StaticOptions& options) {
  LinkPolicy policy;
  for (const std::string& directory : options.safe_dirs) {
    policy.safe_dirs.push_back(AbsolutePath(directory));
  }
  if (options.follow_symlinks == "none") policy.follow = FollowLinks::kNone;
  if (options.follow_symlinks == "owner") policy.follow = FollowLinks::kOwner;
  if (options.follow_symlinks == "all") policy.follow = FollowLinks::kAll;
  return policy;
}

}  // namespace uwsgi
