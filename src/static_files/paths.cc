// SPDX-License-Identifier: MIT

#include "static_files/paths.h"

#include <cstddef>
#include <filesystem>

namespace uwsgi {

std::string AbsolutePath(const std::string& directory, const std::string& path) {
  return (std::filesystem::path(directory) / path).string();
}

void MakePathsAbsolute(const std::string& directory, StaticOptions& options) {
  for (auto* paths : {&options.check_dirs, &options.safe_dirs, &options.mime_files}) {
    for (std::string& path : *paths) path = AbsolutePath(directory, path);
  }
  for (auto* maps : {&options.maps, &options.maps2, &options.internal_maps}) {
    for (std::string& map : *maps) {
      const std::size_t path = map.find('=') + 1;
      if (path == 0 || path == map.size()) continue;
      map.replace(path, std::string::npos, AbsolutePath(directory, map.substr(path)));
    }
  }
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
  policy.safe_dirs = options.safe_dirs;
  if (options.follow_symlinks == "none") policy.follow = FollowLinks::kNone;
  if (options.follow_symlinks == "owner") policy.follow = FollowLinks::kOwner;
  if (options.follow_symlinks == "all") policy.follow = FollowLinks::kAll;
  return policy;
}

}  // namespace uwsgi
