// SPDX-License-Identifier: MIT

#include "static_files/app_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "os/clock.h"
#include "protocol/field_lines.h"
#include "protocol/preconditions.h"
#include "static_files/paths.h"

namespace uwsgi {
namespace {

using protocol::EqualsIgnoringCase;

// What the application says about the file.
struct Named {
  std::string_view file;
  std::string_view type;
  std::string_view coding;
  std::string kept;  // Its fields that stay.
  int kept_count = 0;
};

bool DescribesFile(std::string_view name) {
  return EqualsIgnoringCase(name, "etag") || EqualsIgnoringCase(name, "last-modified") ||
         EqualsIgnoringCase(name, "accept-ranges") || EqualsIgnoringCase(name, "content-range");
}

Named ReadFields(std::string_view fields, std::string_view header) {
  Named named;
  for (protocol::FieldLine field; protocol::NextFieldLine(fields, field);) {
    if (EqualsIgnoringCase(field.name, header)) {
      named.file = field.value;
    } else if (EqualsIgnoringCase(field.name, "content-type")) {
      named.type = field.value;
    } else if (EqualsIgnoringCase(field.name, "content-encoding")) {
      named.coding = field.value;
    } else if (!DescribesFile(field.name)) {
      named.kept += field.line;
      ++named.kept_count;
    }
  }
  return named;
}

// A URI's path: without its query, its escapes decoded. Empty if one is malformed.
std::string DecodedPath(std::string_view uri) {
  uri = uri.substr(0, uri.find('?'));
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] != '%') {
      path += uri[i];
      continue;
    }
    const int high = i + 2 < uri.size() ? protocol::HexValue(uri[i + 1]) : -1;
    const int low = i + 2 < uri.size() ? protocol::HexValue(uri[i + 2]) : -1;
    if (high < 0 || low < 0) return {};
    path += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return path;
}

FileResponse NotFound() {
  FileResponse response;
  response.code = 404;
  response.fields = "Content-Type: text/plain\r\n";
  response.field_count = 1;
  response.after = "Not Found";
  return response;
}

}  // namespace

AppFiles::AppFiles(const StaticOptions& options)
    : header_(ShowValue(options.file_serve_mode)), links_(MakeLinkPolicy(options)) {
  if (options.file_serve_mode == FileServeMode::kSendfile) {
    for (const std::string& directory : links_.safe_dirs) places_.push_back({directory, directory});
  } else if (options.file_serve_mode == FileServeMode::kAccelRedirect) {
    for (const StaticMap& map : options.internal_maps) {
      places_.push_back({map.Mount(), map.directory});
    }
  }
  if (is_enabled()) mime_types_.LoadAll(options);
}

void AppFiles::Strip(ResponseHead& head, std::string& fields) const {
  fields.clear();
  std::string_view rest = head.fields;
  for (protocol::FieldLine field; protocol::NextFieldLine(rest, field);) {
    if (!EqualsIgnoringCase(field.name, header_)) fields += field.line;
  }
  if (fields.size() < head.fields.size()) head.fields = fields;
}

OpenedFile AppFiles::Open(std::string_view path) const {
  for (const Place& place : places_) {
    const std::optional<std::string_view> rest = RestBelow(path, place.prefix);
    if (!rest || rest->empty() || !IsPlainPath(*rest)) continue;
    OpenedFile opened = OpenBeneath(OpenRoot(place.directory), std::string(*rest), links_);
    if (opened.fd.valid() || opened.shortage != 0) return opened;
  }
  return {};
}

std::optional<FileResponse> AppFiles::Find(const ResponseHead& head, const Request& request) const {
  const Named named = ReadFields(head.fields, header_);
  if (named.file.empty() || head.code != 200) return std::nullopt;
  const std::string path =
      header_ == "x-sendfile" ? std::string(named.file) : DecodedPath(named.file);
  OpenedFile opened = Open(path);
  if (opened.shortage != 0) return MakeUnavailable(opened.shortage);
  FoundFile file;
  file.fd = std::move(opened.fd);
  if (!file.fd.valid() || ::fstat(file.fd.get(), &file.status) != 0 ||
      !S_ISREG(file.status.st_mode)) {
    LogError("{}: {} cannot be served: it is missing, or in no directory of {}", header_,
             named.file, header_ == "x-sendfile" ? "static-safe" : "static-internal");
    return NotFound();
  }
  file.type = named.type.empty() ? mime_types_.TypeOf(path) : named.type;
  file.coding = named.coding;
  const std::time_t now = std::chrono::system_clock::to_time_t(os::CoarseNow());
  FileResponse response =
      MakeFileResponse(std::move(file), protocol::FindConditionalFields(request), now);
  response.fields.insert(0, named.kept);
  response.field_count += named.kept_count;
  return response;
}

}  // namespace uwsgi
