// SPDX-License-Identifier: MIT

#include "master/touch_watch.h"

#include <sys/stat.h>

#include <utility>

#include "base/log.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

using Clock = std::chrono::system_clock;

// When the kernel last noted a change of the file, by the clock of os::CoarseNow. Unlike the time
// of modification nobody can set it.
Clock::time_point ChangedAt(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return Clock::time_point::min();
  const auto since_epoch =
      std::chrono::seconds(info.st_ctim.tv_sec) + std::chrono::nanoseconds(info.st_ctim.tv_nsec);
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(since_epoch));
}

}  // namespace

FileStamp FileStamp::Of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {.seconds = info.st_mtim.tv_sec, .nanoseconds = info.st_mtim.tv_nsec, .exists = true};
}

std::optional<std::string> TouchWatch::Check() {
  std::optional<std::string> touched;
  for (File& file : files_) {
    const FileStamp now = FileStamp::Of(file.path);
    if (now == file.stamp) continue;
    file.stamp = now;
    if (!touched) touched = file.path;
  }
  return touched;
}

void TouchWatch::LogMissing() const {
  for (const File& file : files_) {
    if (file.stamp.exists) continue;
    LogInfo("unable to stat() {}, events will be triggered as soon as the file is created",
            file.path);
  }
}

void FileHistory::Look() {
  looked_at_ = os::CoarseNow();
  for (auto& [path, stamp] : seen_) stamp = FileStamp::Of(path);
}

TouchWatch FileHistory::Watch(const std::vector<std::string>& paths) {
  std::vector<TouchWatch::File> files;
  for (const std::string& path : paths) {
    const auto [known, is_new] = seen_.try_emplace(path);
    // What has changed meanwhile is left as if it were not there: the first check finds it.
    if (is_new && ChangedAt(path) < looked_at_) known->second = FileStamp::Of(path);
    files.push_back({path, known->second});
  }
  return TouchWatch(std::move(files));
}

}  // namespace uwsgi
