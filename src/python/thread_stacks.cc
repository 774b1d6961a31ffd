// SPDX-License-Identifier: MIT

#include "python/thread_stacks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "python/stack_writer.h"

namespace uwsgi::python {
namespace {

// How a stack begins; the second is of the thread that has asked.
bool NamesThread(std::string_view line) {
  return line.starts_with("Thread 0x") || line.starts_with("Current thread 0x");
}

// The thread that a stack's first line names, or null.
const NamedThread* FindThread(std::string_view line, std::span<const NamedThread> threads) {
  line.remove_prefix(line.find("0x") + 2);
  unsigned long ident = 0;
  std::from_chars(line.data(), line.data() + line.size(), ident, 16);
  const auto found = std::ranges::find(threads, ident, &NamedThread::ident);
  return found == threads.end() ? nullptr : &*found;
}

}  // namespace

std::string DumpStacks() noexcept {
  WrittenStacks stacks(Stacks::kOfAllThreads);
  std::string text;
  std::array<char, 16 * 1024> piece;  // NOLINT(*-member-init): it is read into.
  while (const std::size_t got = stacks.Read(piece)) text.append(piece.data(), got);
  return text;
}

std::string NameStacks(std::string_view dump, std::span<const NamedThread> threads, int first) {
  std::string of_first;
  std::string others;
  std::string* stack = &others;
  while (!dump.empty()) {
    const std::string_view line = dump.substr(0, dump.find('\n'));
    dump.remove_prefix(std::min(line.size() + 1, dump.size()));
    if (line.empty()) continue;
    if (!NamesThread(line)) {
      stack->append(line).push_back('\n');
      continue;
    }
    const NamedThread* thread = FindThread(line, threads);
    stack = thread != nullptr && thread->core == first ? &of_first : &others;
    if (thread == nullptr) {
      stack->append(line).push_back('\n');
    } else {
      fmt::format_to(std::back_inserter(*stack),
                     "Thread of core {} ({}, most recent call first):\n", thread->core,
                     thread->name);
    }
  }
  return of_first + others;
}

}  // namespace uwsgi::python
