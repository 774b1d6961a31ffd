// SPDX-License-Identifier: MIT
//
// `compress`, of files: what clients accept is sent in a file's place, compressed once and kept.
//
// A result is kept as a file in memory, so that it is sent as other files are and a slow client
// holds no copy. A small file is compressed while its client waits. A larger one is sent as it is,
// and compressed meanwhile a step at a time, so that the event loop never stands still for long;
// one that is very large is left alone.

#pragma once

#include <cstdint>
#include <ctime>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/unique_fd.h"
#include "compression/compressor.h"
#include "protocol/preconditions.h"
#include "static_files/file_response.h"

namespace uwsgi {

// A worker's. The event loop's owner calls every method.
class CompressedFiles {
 public:
  static constexpr std::uint64_t kAtOnce = 128 * 1024;   // A millisecond or three.
  static constexpr std::uint64_t kLargest = 16 << 20;    // Of the files.
  static constexpr std::uint64_t kMostBytes = 16 << 20;  // Of the results that are kept,
  static constexpr std::size_t kMostResults = 512;       // and their number.
  static constexpr std::size_t kMostJobs = 64;           // Files that wait to be compressed.

  // `compressor` outlives it. `wake` is called when Work has something to do again.
  CompressedFiles(compression::Compressor& compressor, std::function<void()> wake);
  ~CompressedFiles();

  // Puts what the client accepts in the place of a file that is no compressed twin, if its type
  // suits. Where that will come to a 304, it needs no content. `now` is the wall clock.
  void Substitute(FoundFile& file, const protocol::ConditionalFields& fields, std::time_t now);

  // Compresses the next piece of what waits. False when nothing is left.
  bool Work();

 private:
  struct Result {
    std::string key;
    UniqueFd content;  // Invalid: it stays as it is.
    std::uint64_t size = 0;
  };
  class Job;

  const Result* Find(const std::string& key);
  void Keep(Result result);
  // Starts the job of a file that is asked for the first time.
  void Begin(const std::string& key, const FoundFile& file, std::string_view coding);

  compression::Compressor& compressor_;
  std::function<void()> wake_;
  std::list<Result> results_;  // The one that was asked for last is the first.
  std::unordered_map<std::string_view, std::list<Result>::iterator> by_key_;
  std::uint64_t bytes_ = 0;
  std::deque<std::unique_ptr<Job>> jobs_;
};

}  // namespace uwsgi
