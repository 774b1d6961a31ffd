// SPDX-License-Identifier: MIT

#include "static_files/static_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "os/clock.h"
#include "protocol/http_date.h"
#include "static_files/open_beneath.h"

namespace uwsgi {
namespace {

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

// What follows `mount` in `path`, without its first slash; nothing when the path is elsewhere.
std::optional<std::string_view> RestBelow(std::string_view path, std::string_view mount) {
  if (!path.starts_with(mount)) return std::nullopt;
  path.remove_prefix(mount.size());
  if (path.empty()) return path;
  if (path.front() != '/') return std::nullopt;
  return path.substr(1);
}

// True when the client's copy, by its date, is the file of `modified`.
bool IsNotModified(const Request& request, std::time_t modified, std::time_t now) {
  std::string_view since;
  for (const Var& var : request.vars) {
    // There are no entity tags yet, so none that the client has can match; and RFC 9110 lets the
    // date count only where no tags are given.
    if (var.key == "HTTP_IF_NONE_MATCH") return false;
    if (var.key == "HTTP_IF_MODIFIED_SINCE") since = var.value;
  }
  if (since.empty()) return false;
  const std::optional<std::time_t> date = protocol::ParseHttpDate(since, now);
  return date && modified <= *date;
}

StaticFile MakeResponse(UniqueFd fd, const struct stat& file, std::string_view type,
                        const Request& request) {
  const std::time_t now = std::chrono::system_clock::to_time_t(os::CoarseNow());
  StaticFile response;
  response.fd = std::move(fd);
  response.size = static_cast<std::uint64_t>(file.st_size);
  if (IsNotModified(request, file.st_mtime, now)) {
    response.code = 304;
  } else {
    response.fields.append("Content-Type: ").append(type).append("\r\n");
    ++response.field_count;
  }
  // A date in the future would be kept by the client for as long as that lies ahead.
  const std::time_t shown = std::min<std::time_t>(file.st_mtime, now);
  response.fields.append("Last-Modified: ").append(protocol::FormatHttpDate(shown)).append("\r\n");
  ++response.field_count;
  return response;
}

}  // namespace

ResponseHead StaticFile::head() const {
  ResponseHead head;
  head.status = code == 200 ? "200 OK" : "304 Not Modified";
  head.code = code;
  head.fields = fields;
  head.field_count = field_count;
  if (code == 200) {
    head.content_length = size;
    ++head.field_count;
  }
  return head;
}

StaticFiles::StaticFiles(const StaticOptions& options)
    : indexes_(options.indexes), skip_extensions_(options.skip_extensions) {
  for (const std::string& map : options.maps) AddMap(map);
  for (const std::string& directory : options.check_dirs) {
    mappings_.push_back({"", Absolute(directory)});
  }
  for (const std::string& directory : options.safe_dirs) safe_dirs_.push_back(Absolute(directory));
  if (!mappings_.empty()) mime_types_.Load("/etc/mime.types");
}

void StaticFiles::AddMap(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || text.front() != '/' || equals + 1 == text.size()) {
    LogError("static-map = {} maps nothing: expected /mount=directory", text);
    return;
  }
  std::string mount = text.substr(0, equals);
  while (mount.ends_with('/')) mount.pop_back();
  mappings_.push_back({std::move(mount), Absolute(text.substr(equals + 1))});
}

std::optional<StaticFile> StaticFiles::Find(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (IsSkipped(request.path_info)) return std::nullopt;
  for (const Mapping& mapping : mappings_) {
    std::optional<StaticFile> found = FindIn(mapping, request);
    if (found) return found;
  }
  return std::nullopt;
}

std::optional<StaticFile> StaticFiles::FindIn(const Mapping& mapping,
                                              const Request& request) const {
  const std::optional<std::string_view> rest = RestBelow(request.path_info, mapping.mount);
  if (!rest || !IsPlainPath(*rest)) return std::nullopt;

  Opened opened{OpenBeneath(mapping.target, std::string(*rest), safe_dirs_), std::string(*rest)};
  if (!opened.fd.valid() && rest->empty() && !request.path_info.ends_with('/')) {
    // The mapping may name a file: /favicon.ico=/srv/icon.ico
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    opened = {UniqueFd(open(mapping.target.c_str(), kFlags)), mapping.target};
  }
  struct stat file;
  if (!opened.fd.valid() || fstat(opened.fd.get(), &file) != 0) return std::nullopt;
  if (S_ISDIR(file.st_mode)) {
    opened = OpenIndex(mapping.target, std::move(opened.name));
    if (!opened.fd.valid() || fstat(opened.fd.get(), &file) != 0) return std::nullopt;
  }
  if (!S_ISREG(file.st_mode)) return std::nullopt;
  return MakeResponse(std::move(opened.fd), file, mime_types_.TypeOf(opened.name), request);
}

StaticFiles::Opened StaticFiles::OpenIndex(const std::string& root, std::string directory) const {
  if (!directory.empty() && !directory.ends_with('/')) directory += '/';
  for (const std::string& index : indexes_) {
    std::string name = directory + index;
    if (!IsPlainPath(name) || IsSkipped(name)) continue;
    UniqueFd fd = OpenBeneath(root, name, safe_dirs_);
    if (fd.valid()) return {std::move(fd), std::move(name)};
  }
  return {};
}

bool StaticFiles::IsSkipped(std::string_view name) const {
  return std::ranges::any_of(
      skip_extensions_, [&](const std::string& extension) { return name.ends_with(extension); });
}

}  // namespace uwsgi
