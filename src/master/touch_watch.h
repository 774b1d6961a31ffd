// SPDX-License-Identifier: MIT
//
// touch-reload and its relatives: notices when a file is changed, created or deleted.

#pragma once

#include <chrono>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/options.h"

namespace uwsgi {

// What a file is like at one moment.
struct FileStamp {
  std::time_t seconds = 0;
  long nanoseconds = 0;
  bool exists = false;

  static FileStamp Of(const std::string& path);
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

class TouchWatch {
 public:
  struct File {
    std::string path;
    FileStamp stamp;
  };

  TouchWatch() = default;
  explicit TouchWatch(std::vector<File> files) : files_(std::move(files)) {}

  // The first file that differs from the last look, which this one becomes.
  std::optional<std::string> Check();

  // Says in the log which files are not there.
  void LogMissing() const;

 private:
  std::vector<File> files_;
};

// What the files were like before the configuration was read that names them: whoever changes one
// while the server reads and imports wants that to be done once more.
class FileHistory {
 public:
  FileHistory() { Look(); }

  // To be called before each reading.
  void Look();
  // Watches the files from the last Look on. One whose name is new was not looked at then: it
  // counts as changed if the file system says that it was changed after that.
  TouchWatch Watch(const std::vector<std::string>& paths);

 private:
  std::map<std::string, FileStamp> seen_;
  std::chrono::system_clock::time_point looked_at_;
};

// The files of one generation.
struct TouchFiles {
  TouchWatch reload;
  TouchWatch workers_reload;
  TouchWatch chain_reload;

  TouchFiles() = default;
  TouchFiles(const MasterOptions& options, FileHistory& history)
      : reload(history.Watch(options.touch_reload)),
        workers_reload(history.Watch(options.touch_workers_reload)),
        chain_reload(history.Watch(options.touch_chain_reload)) {}

  void LogMissing() const {
    for (const TouchWatch* watch : {&reload, &workers_reload, &chain_reload}) watch->LogMissing();
  }
};

}  // namespace uwsgi
