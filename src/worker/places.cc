// SPDX-License-Identifier: MIT

#include "worker/places.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "net/spool_file.h"
#include "static_files/paths.h"

namespace uwsgi {

Result<void> FixPlaces(const std::string& directory, RequestOptions& requests,
                       StaticOptions& static_files) {
  MakePathsAbsolute(directory, static_files);
  std::string& spool = requests.post_buffering_dir;
  const bool is_needed = !spool.empty() || requests.post_buffering.bytes > 0;
  if (spool.empty()) {
    const char* temporary = std::getenv("TMPDIR");
    spool = temporary == nullptr || *temporary == '\0' ? "/tmp" : temporary;
  }
  spool = AbsolutePath(directory, spool);
  SpoolFile file;
  const auto opened = is_needed ? file.Open(spool) : Result<void>();
  if (opened) return {};
  return Error{opened.error().code,
               fmt::format("bodies of requests have no place: {} (see post-buffering-dir)",
                           opened.error().message)};
}

}  // namespace uwsgi
