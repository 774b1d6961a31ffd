// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace uwsgi {

// Content types by file name extension: the system's table, and behind it a small one of our
// own for the web's usual types.
class MimeTypes {
 public:
  // Only the built-in table.
  MimeTypes() = default;

  // Adds these files, or the system's table if there are none.
  void LoadAll(const std::vector<std::string>& paths);
  // Adds a file in the form of /etc/mime.types; a file that is not there adds nothing.
  void Load(const std::string& path);

  // The type of a file by its name, application/octet-stream when nothing is known. Upper
  // case extensions count as lower case.
  std::string_view TypeOf(std::string_view name) const;

 private:
  std::unordered_map<std::string, std::string> types_;  // By extension, without the dot.
};

}  // namespace uwsgi
