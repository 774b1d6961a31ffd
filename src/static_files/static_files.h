// SPDX-License-Identifier: MIT
//
// Serves files without asking the application: static-map, check-static, static-index,
// static-safe, static-skip-ext.
//
// A request that is not for a file (nothing there, a directory without index, unreadable, a path
// that tries to leave its root) is a miss, and goes on to the application.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "static_files/mime_types.h"
#include "uwsgi/options.h"
#include "uwsgi/request.h"
#include "uwsgi/response.h"

namespace uwsgi {

// A response that is ready to send: `head()`, then for 200 the first `size` bytes of `fd`, unless
// the request is a HEAD.
struct StaticFile {
  UniqueFd fd;
  std::uint64_t size = 0;  // Of the file.
  int code = 200;          // 200 or 304.
  std::string fields;      // "Name: value\r\n" lines.
  int field_count = 0;

  // Views into this object: it must neither move nor go while they are used.
  ResponseHead head() const;
};

// Immutable, so any thread may use it.
class StaticFiles {
 public:
  // Relative directories are meant from the working directory of now. They need not exist yet. A
  // mapping that can not be understood is logged and maps nothing.
  explicit StaticFiles(const StaticOptions& options);

  // True when nothing is configured, so that Find need not be called.
  bool empty() const { return mappings_.empty(); }

  // What answers the request, if a file does. Only for GET and HEAD. Blocks on the file system.
  std::optional<StaticFile> Find(const Request& request) const;

 private:
  // A path below `mount` is looked up below `target`.
  struct Mapping {
    std::string mount;   // Without its final slash; empty for all paths.
    std::string target;  // Absolute: a directory, or one file.
  };
  struct Opened {
    UniqueFd fd;
    std::string name;  // Whose extension says the type.
  };

  void AddMap(const std::string& text);
  bool IsSkipped(std::string_view name) const;
  std::optional<StaticFile> FindIn(const Mapping& mapping, const Request& request) const;
  Opened OpenIndex(const std::string& root, std::string directory) const;

  std::vector<Mapping> mappings_;  // In the order of the configuration; the first hit wins.
  std::vector<std::string> indexes_;
  std::vector<std::string> safe_dirs_;
  std::vector<std::string> skip_extensions_;
  MimeTypes mime_types_;
};

}  // namespace uwsgi
