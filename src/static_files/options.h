// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/pattern.h"
#include "base/result.h"
#include "options/rows.h"
#include "static_files/open_beneath.h"

namespace uwsgi {

// "/PREFIX=DIRECTORY"
struct StaticMap {
  std::string prefix;  // As written; one that does not begin with a slash is that of no path.
  std::string directory;

  // The prefix without its final slashes.
  std::string Mount() const;
  friend bool operator==(const StaticMap&, const StaticMap&) = default;
};
Result<StaticMap> ParseStaticMap(std::string_view text);

// "none", "safe", "owner" or "all"
Result<FollowLinks> ParseFollowLinks(std::string_view text);
std::string ShowValue(FollowLinks follow);

// "TYPE=EXTENSION...": the extensions stand between blanks.
struct AddedMimeType {
  std::string type;
  std::string extensions;
};
Result<AddedMimeType> ParseAddedMimeType(std::string_view text);

// How long clients may keep what matches: "REGEX SECONDS", or "TYPE=SECONDS".
struct PatternExpiry {
  Pattern pattern;
  std::chrono::seconds keep;
};
Result<PatternExpiry> ParsePatternExpiry(std::string_view text);
struct TypeExpiry {
  std::string type;
  std::chrono::seconds keep;
};
Result<TypeExpiry> ParseTypeExpiry(std::string_view text);

// By which header an application may answer with a file: "x-sendfile" or "x-accel-redirect".
enum class FileServeMode { kOff, kSendfile, kAccelRedirect };
Result<FileServeMode> ParseFileServeMode(std::string_view text);
std::string ShowValue(FileServeMode mode);

struct StaticOptions {
  std::vector<StaticMap> maps;   // static-map
  std::vector<StaticMap> maps2;  // static-map2: looked up with its mount
  std::vector<std::string> check_dirs;
  std::vector<std::string> indexes;
  std::vector<std::string> safe_dirs;
  std::vector<std::string> skip_extensions;
  FollowLinks follow_symlinks = FollowLinks::kSafe;
  std::vector<std::string> mime_files;  // Empty: /etc/mime.types.
  std::vector<AddedMimeType> mime_types;
  std::vector<PatternExpiry> expires;
  std::vector<PatternExpiry> expires_mtime;
  std::vector<TypeExpiry> expires_type;
  std::vector<TypeExpiry> expires_type_mtime;
  std::vector<PatternExpiry> expires_uri;
  std::vector<PatternExpiry> expires_uri_mtime;
  std::vector<PatternExpiry> expires_path_info;
  std::vector<PatternExpiry> expires_path_info_mtime;
  FileServeMode file_serve_mode = FileServeMode::kOff;
  std::vector<StaticMap> internal_maps;  // static-internal
  bool gzip_all = false;
  std::vector<Pattern> gzip;
  std::vector<std::string> gzip_dirs;
  std::vector<std::string> gzip_suffixes;
};

namespace config {
OptionRows StaticFileRows();
}  // namespace config

}  // namespace uwsgi
