// SPDX-License-Identifier: MIT

#include "static_files/paths.h"

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
    for (StaticMap& map : *maps) map.directory = AbsolutePath(directory, map.directory);
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
  return {options.follow_symlinks, options.safe_dirs};
}

}  // namespace uwsgi
