// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace uwsgi {

// Writes log lines to a descriptor that somebody else may have stopped reading, such as a pipe to
// a collector that hangs or a terminal that is held. The log never stops the server: a write waits
// for room for some seconds; what finds none is dropped and counted, and the first line that gets
// through again says how many were lost, and why. For a minute after a loss no write waits at all.
// What a full disk loses is counted likewise.
//
// Thread-safe, without a lock that a fork could catch. Lines of several processes stay whole: to
// anything but a file each write(2) holds whole lines and no more than a pipe takes at once, unless
// one line is longer. A socket of datagrams gets one for each line, and one that it refuses is
// lost.
class LogOutput {
 public:
  static constexpr std::chrono::milliseconds kPatience{3000};

  explicit LogOutput(std::chrono::milliseconds patience = kPatience) : patience_(patience) {}

  // `lines` ends with a line, unless its rest follows.
  void Write(int fd, std::string_view lines);

 private:
  struct Target;
  using Clock = std::chrono::steady_clock;

  bool WritePiece(const Target& target, std::string_view piece);
  bool AwaitRoom(int fd, Clock::time_point since) const;
  // Says what was lost. False while it can not be said.
  bool ReportLoss(const Target& target);
  void NoteLoss(std::string_view lines, int why);

  const std::chrono::milliseconds patience_;
  std::atomic<std::uint64_t> lost_{0};  // Lines.
  std::atomic<int> why_{0};             // The errno of the last loss.
  std::atomic<bool> is_torn_{false};    // The last line that got through did so in part.
  std::atomic<Clock::rep> patient_again_{0};
};

}  // namespace uwsgi
