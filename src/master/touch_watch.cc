// SPDX-License-Identifier: MIT

#include "master/touch_watch.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace uwsgi {

void TouchWatch::Watch(const std::vector<std::string>& paths) {
  std::vector<File> files;
  for (const std::string& path : paths) {
    const auto known = std::ranges::find(files_, path, &File::path);
    files.push_back(known == files_.end() ? File{path, Look(path)} : *known);
    if (!files.back().stamp.exists) {
      LogInfo("unable to stat() {}, events will be triggered as soon as the file is created", path);
    }
  }
  files_ = std::move(files);
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
