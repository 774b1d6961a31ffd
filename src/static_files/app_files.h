// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "static_files/file_response.h"
#include "static_files/mime_types.h"
#include "static_files/open_beneath.h"
#include "static_files/options.h"
#include "uwsgi/request.h"
#include "uwsgi/response.h"

namespace uwsgi {

// file-serve-mode: an application answers with the name of a file, in X-Sendfile or
// X-Accel-Redirect, and the server sends the file instead of the body. Immutable, so any thread.
class AppFiles {
 public:
  explicit AppFiles(const StaticOptions& options);

  // False when applications' headers mean nothing to the server.
  bool is_enabled() const { return !header_.empty(); }

  // What answers instead of `head`, a 200; nothing if it names no file. The application's other
  // fields stay, but for those that describe the file. A file outside of the allowed directories,
  // or that can not be read, is a 404 and logged; a 503 as in StaticFiles. Blocks on the file
  // system.
  std::optional<FileResponse> Find(const ResponseHead& head, const Request& request) const;

  // Takes the server's header out of `head`, which no client is to see. The other fields lie in
  // `fields` then.
  void Strip(ResponseHead& head, std::string& fields) const;

 private:
  // Paths below `prefix` lie below `directory`.
  struct Place {
    std::string prefix;  // Without its final slash.
    std::string directory;
  };

  OpenedFile Open(std::string_view path) const;

  std::string header_;  // In lower case; empty: off.
  std::vector<Place> places_;
  LinkPolicy links_;
  MimeTypes mime_types_;
};

}  // namespace uwsgi
