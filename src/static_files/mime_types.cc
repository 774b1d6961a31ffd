// SPDX-License-Identifier: MIT

#include "static_files/mime_types.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "base/ascii.h"

namespace uwsgi {
namespace {

struct BuiltIn {
  std::string_view extension;
  std::string_view type;
};

// Sorted by extension.
constexpr BuiltIn kBuiltIn[] = {
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"eot", "application/vnd.ms-fontobject"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ico", "image/vnd.microsoft.icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"md", "text/markdown"},
    {"mjs", "text/javascript"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain"},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xml", "application/xml"},
    {"zip", "application/zip"},
};
static_assert(std::ranges::is_sorted(kBuiltIn, {}, &BuiltIn::extension));

}  // namespace

void MimeTypes::LoadAll(const StaticOptions& options) {
  for (const AddedMimeType& added : options.mime_types) Add(added.type, added.extensions);
  for (const std::string& path : options.mime_files) Load(path);
  if (options.mime_files.empty()) Load("/etc/mime.types");
}

void MimeTypes::Load(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    line = line.substr(0, line.find('#'));
    const std::size_t begin = line.find_first_not_of(" \t");
    const std::size_t end = line.find_first_of(" \t", begin);
    if (end != std::string::npos) Add(line.substr(begin, end - begin), line.substr(end));
  }
}

void MimeTypes::Add(const std::string& type, const std::string& extensions) {
  std::istringstream words(extensions);
  for (std::string extension; words >> extension;) types_.emplace(ToLower(extension), type);
}

std::string_view MimeTypes::TypeOf(std::string_view name) const {
  name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0.
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    const std::string extension = ToLower(name.substr(dot + 1));
    if (const auto found = types_.find(extension); found != types_.end()) return found->second;
    const auto* row = std::ranges::lower_bound(kBuiltIn, extension, {}, &BuiltIn::extension);
    if (row != std::end(kBuiltIn) && row->extension == extension) return row->type;
  }
  return "application/octet-stream";
}

}  // namespace uwsgi
