// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "static_files/options.h"

namespace uwsgi {

// Content types by file name extension: the configuration's, the system's table, and behind it a
// small one of our own for the web's usual types.
class MimeTypes {
 public:
  // Only the built-in table.
  MimeTypes() = default;

  // add-mime, and behind it the files of mimefile, or the system's table if there are none.
  void LoadAll(const StaticOptions& options);
  // Adds a file in the form of /etc/mime.types behind what is there; a file that is not there
  // adds nothing.
  void Load(const std::string& path);

  // The type of a file by its name, application/octet-stream when nothing is known. Upper
  // case extensions count as lower case.
  std::string_view TypeOf(std::string_view name) const;

 private:
  void Add(const std::string& type, const std::string& extensions);

  std::unordered_map<std::string, std::string> types_;  // By extension, without the dot.
};

}  // namespace uwsgi
