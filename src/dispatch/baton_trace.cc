// SPDX-License-Identifier: MIT

#include "dispatch/baton_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include "base/log.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"lead", "wait", "application", "done",
                                                    "lost", "park", "armed"};

}  // namespace

void BatonTrace::Note(TraceEvent event, int core) {
  const std::uint64_t number = count_.fetch_add(1, std::memory_order_relaxed);
  (*entries_)[number % kCapacity] = {os::MonotonicNs(), static_cast<std::int16_t>(core), event};
}

std::string BatonTrace::Text() const {
  const std::uint64_t count = count_.load();
  std::uint64_t first = count - std::min<std::uint64_t>(count, kCapacity);
  std::string text;
  const std::int64_t begin = (*entries_)[first % kCapacity].ns;
  for (; first < count; ++first) {
    const Entry& entry = (*entries_)[first % kCapacity];
    fmt::format_to(std::back_inserter(text), "{:.1f}\t{}\t{}\n",
                   static_cast<double>(entry.ns - begin) / 1000, entry.core,
                   kNames[static_cast<std::size_t>(entry.event)]);
  }
  return text;
}

void BatonTrace::Write(pid_t pid) const {
  const std::string path = fmt::format("uwsgi-trace.{}", pid);
  std::ofstream file(path);
  file << Text();
  if (file.flush()) {
    LogInfo("the dispatcher's last {} events are in {}",
            std::min<std::uint64_t>(count_.load(), kCapacity), path);
  } else {
    LogError("cannot write the dispatcher's trace to {}", path);
  }
}

}  // namespace uwsgi
