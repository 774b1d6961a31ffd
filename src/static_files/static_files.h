// SPDX-License-Identifier: MIT
//
// Serves files without asking the application: static-map, static-map2, check-static and their
// companions.
//
// A request that is not for a file (nothing there, a directory without index, unreadable, a path
// that tries to leave its root) is a miss, and goes on to the application. When the system has no
// room to open files, whether it is one can not be told: that is a 503.

#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "static_files/compressed_files.h"
#include "static_files/expires_rules.h"
#include "static_files/file_response.h"
#include "static_files/mime_types.h"
#include "static_files/open_beneath.h"
#include "static_files/options.h"
#include "static_files/precompressed.h"
#include "uwsgi/request.h"

namespace uwsgi {

// Immutable, so any thread may use it.
class StaticFiles {
 public:
  // Relative directories are meant from the working directory of now. They need not exist yet.
  explicit StaticFiles(const StaticOptions& options);

  // True when nothing is configured, so that Find need not be called.
  bool empty() const { return mappings_.empty(); }

  // What answers the request, if a file does. Only for GET and HEAD. Blocks on the file system.
  // `roots` are the thread's, and so is `compressed`; without it files are sent as they are.
  std::optional<FileResponse> Find(const Request& request, OpenRoots& roots,
                                   CompressedFiles* compressed = nullptr) const;

 private:
  // A path below `mount` is looked up below `target`.
  struct Mapping {
    std::string mount;   // Without its final slash; empty for all paths.
    std::string target;  // Absolute: a directory, or one file.
    bool keeps_mount;    // static-map2: the path is looked up with its mount.
  };
  struct Opened {
    OpenedFile file;
    const std::string* root = nullptr;  // Where `name` was found; null for a single file.
    std::string name;                   // Its extension says the type.
  };

  bool IsSkipped(std::string_view name) const;
  std::optional<FileResponse> FindIn(const Mapping& mapping, const Request& request,
                                     OpenRoots& roots, CompressedFiles* compressed) const;
  Opened OpenIndex(const Opened& directory, OpenRoots& roots) const;
  FileResponse Respond(Opened opened, struct stat status, const Request& request, OpenRoots& roots,
                       CompressedFiles* compressed) const;

  std::vector<Mapping> mappings_;  // In the order of the configuration; the first hit wins.
  std::vector<std::string> indexes_;
  LinkPolicy links_;
  std::vector<std::string> skip_extensions_;
  MimeTypes mime_types_;
  ExpiresRules expires_;
  Precompressed precompressed_;
};

}  // namespace uwsgi
