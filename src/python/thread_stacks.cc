// SPDX-License-Identifier: MIT

#include "python/thread_stacks.h"

#include <Python.h>

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/unique_fd.h"

// Exported by libpython for its own faulthandler module; a shared library may hide it.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): CPython's.
extern "C" __attribute__((weak)) const char* _Py_DumpTracebackThreads(int fd,
                                                                      PyInterpreterState* interp,
                                                                      PyThreadState* current);

namespace uwsgi::python {
namespace {

constexpr std::string_view kThread = "Thread 0x";

// The thread that a stack's first line names, or null.
const NamedThread* FindThread(std::string_view line, std::span<const NamedThread> threads) {
  line.remove_prefix(kThread.size());
  unsigned long ident = 0;
  std::from_chars(line.data(), line.data() + line.size(), ident, 16);
  const auto found = std::ranges::find(threads, ident, &NamedThread::ident);
  return found == threads.end() ? nullptr : &*found;
}

}  // namespace

std::string DumpStacks() noexcept {
  if (_Py_DumpTracebackThreads == nullptr) return {};
  const UniqueFd file(::memfd_create("stacks", MFD_CLOEXEC));
  if (!file.valid()) return {};
  _Py_DumpTracebackThreads(file.get(), PyInterpreterState_Main(), nullptr);
  std::string text;
  std::array<char, 16 * 1024> piece;
  for (;;) {
    const ssize_t got =
        ::pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

std::string NameStacks(std::string_view dump, std::span<const NamedThread> threads, int first) {
  std::string of_first;
  std::string others;
  std::string* stack = &others;
  while (!dump.empty()) {
    const std::string_view line = dump.substr(0, dump.find('\n'));
    dump.remove_prefix(std::min(line.size() + 1, dump.size()));
    if (line.empty()) continue;
    if (!line.starts_with(kThread)) {
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
