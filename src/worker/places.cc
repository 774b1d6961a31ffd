// SPDX-License-Identifier: MIT

#include "worker/places.h"

#include <cstdlib>
#include <string_view>

#include "static_files/paths.h"

namespace uwsgi {

void FixPlaces(const std::string& directory, WorkerOptions& worker, StaticOptions& static_files) {
  MakePathsAbsolute(directory, static_files);
  std::string& spool = worker.post_buffering_dir;
  if (spool.empty()) {
    const char* temporary = std::getenv("TMPDIR");
    spool = temporary == nullptr || *temporary == '\0' ? "/tmp" : temporary;
  }
  spool = AbsolutePath(directory, spool);
}

}  // namespace uwsgi
