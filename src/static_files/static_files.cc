// SPDX-License-Identifier: MIT

#include "static_files/static_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "os/clock.h"
#include "static_files/paths.h"

namespace uwsgi {
namespace {

// All zero without a file.
struct stat StatusOf(const UniqueFd& fd) {
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) return {};
  return status;
}

}  // namespace

StaticFiles::StaticFiles(const StaticOptions& options)
    : indexes_(options.indexes),
      links_(MakeLinkPolicy(options)),
      skip_extensions_(options.skip_extensions),
      expires_(options),
      precompressed_(options) {
  for (const auto* maps : {&options.maps, &options.maps2}) {
    for (const StaticMap& map : *maps) {
      if (!map.prefix.starts_with('/')) continue;
      mappings_.push_back({map.Mount(), map.directory, maps == &options.maps2});
    }
  }
  for (const std::string& directory : options.check_dirs) {
    mappings_.push_back({"", directory, false});
  }
  if (mappings_.empty()) return;
  mime_types_.LoadAll(options);
}

std::optional<FileResponse> StaticFiles::Find(const Request& request, OpenRoots& roots,
                                              CompressedFiles* compressed) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (IsSkipped(request.path_info)) return std::nullopt;
  for (const Mapping& mapping : mappings_) {
    std::optional<FileResponse> found = FindIn(mapping, request, roots, compressed);
    if (found) return found;
  }
  return std::nullopt;
}

std::optional<FileResponse> StaticFiles::FindIn(const Mapping& mapping, const Request& request,
                                                OpenRoots& roots,
                                                CompressedFiles* compressed) const {
  std::optional<std::string_view> rest = RestBelow(request.path_info, mapping.mount);
  if (rest && mapping.keeps_mount) rest = RestBelow(request.path_info, "");
  if (!rest || !IsPlainPath(*rest)) return std::nullopt;

  Opened opened{{}, &mapping.target, std::string(*rest)};
  opened.file = OpenBeneath(roots.Open(mapping.target), opened.name, links_);
  if (!opened.file.fd.valid() && rest->empty() && !request.path_info.ends_with('/')) {
    // The mapping may name a file: /favicon.ico=/srv/icon.ico
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    opened = {OpenedFile::FromOpen(open(mapping.target.c_str(), kFlags)), nullptr, mapping.target};
  }
  struct stat status = StatusOf(opened.file.fd);
  if (S_ISDIR(status.st_mode)) {
    opened = OpenIndex(opened, roots);
    status = StatusOf(opened.file.fd);
  }
  if (opened.file.shortage != 0) return MakeUnavailable(opened.file.shortage);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return Respond(std::move(opened), status, request, roots, compressed);
}

StaticFiles::Opened StaticFiles::OpenIndex(const Opened& directory, OpenRoots& roots) const {
  std::string prefix = directory.name;
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  for (const std::string& index : indexes_) {
    std::string name = prefix + index;
    if (!IsPlainPath(name) || IsSkipped(name)) continue;
    OpenedFile file = OpenBeneath(roots.Open(*directory.root), name, links_);
    if (file.fd.valid() || file.shortage != 0) {
      return {std::move(file), directory.root, std::move(name)};
    }
  }
  return {};
}

FileResponse StaticFiles::Respond(Opened opened, struct stat status, const Request& request,
                                  OpenRoots& roots, CompressedFiles* compressed) const {
  const std::time_t now = std::chrono::system_clock::to_time_t(os::CoarseNow());
  const protocol::ConditionalFields fields = protocol::FindConditionalFields(request);
  const std::string path = opened.root == nullptr ? opened.name : *opened.root + "/" + opened.name;
  FoundFile file{
      std::move(opened.file.fd), status, mime_types_.TypeOf(opened.name), {}, false, {}, {}};
  if (opened.root != nullptr && precompressed_.AppliesTo(path)) {
    file.varies = true;
    precompressed_.Substitute(file, roots.Open(*opened.root), opened.name, fields.accept_encoding,
                              links_);
  }
  if (compressed != nullptr && file.coding.empty()) compressed->Substitute(file, fields, now);
  if (!expires_.empty()) {
    file.keep_until =
        expires_.Find({path, request.uri, request.path_info, file.type, status.st_mtime}, now);
  }
  return MakeFileResponse(std::move(file), fields, now);
}

bool StaticFiles::IsSkipped(std::string_view name) const {
  return std::ranges::any_of(
      skip_extensions_, [&](const std::string& extension) { return name.ends_with(extension); });
}

}  // namespace uwsgi
