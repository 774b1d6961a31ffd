// SPDX-License-Identifier: MIT

#include "master/touch_watch.h"

#include <sys/stat.h>

#include "base/log.h"

namespace uwsgi {

TouchWatch::TouchWatch(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    files_.push_back({path, Look(path)});
    if (!files_.back().stamp.exists) {
      LogInfo("unable to stat() {}, events will be triggered as soon as the file is created", path);
    }
  }
}

std::optional<std::string> TouchWatch::Check() {
  std::optional<std::string> touched;
  for (File& file : files_) {
    const Stamp now = Look(file.path);
    if (now == file.stamp) continue;
    file.stamp = now;
    if (!touched) touched = file.path;
  }
  return touched;
}

TouchWatch::Stamp TouchWatch::Look(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {.seconds = info.st_mtim.tv_sec, .nanoseconds = info.st_mtim.tv_nsec, .exists = true};
}

}  // namespace uwsgi
