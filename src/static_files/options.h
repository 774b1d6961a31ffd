// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <vector>

#include "options/rows.h"

namespace uwsgi {

struct StaticOptions {
  std::vector<std::string> maps;   // static-map = /mount=dir
  std::vector<std::string> maps2;  // static-map2: looked up with its mount
  std::vector<std::string> check_dirs;
  std::vector<std::string> indexes;
  std::vector<std::string> safe_dirs;
  std::vector<std::string> skip_extensions;
  std::string follow_symlinks = "safe";  // none, safe, owner, all
  std::vector<std::string> mime_files;   // Empty: /etc/mime.types.
  std::vector<std::string> mime_types;   // add-mime = TYPE=EXTENSION...
  // EXPRESSION SECONDS, or TYPE=SECONDS for types.
  std::vector<std::string> expires;
  std::vector<std::string> expires_mtime;
  std::vector<std::string> expires_type;
  std::vector<std::string> expires_type_mtime;
  std::vector<std::string> expires_uri;
  std::vector<std::string> expires_uri_mtime;
  std::vector<std::string> expires_path_info;
  std::vector<std::string> expires_path_info_mtime;
  // What applications may answer with: empty, x-sendfile or x-accel-redirect.
  std::string file_serve_mode;
  std::vector<std::string> internal_maps;  // static-internal = /prefix=dir
  bool gzip_all = false;
  std::vector<std::string> gzip;  // Expressions.
  std::vector<std::string> gzip_dirs;
  std::vector<std::string> gzip_suffixes;
};

namespace config {
OptionRows StaticFileRows();
}  // namespace config

}  // namespace uwsgi
