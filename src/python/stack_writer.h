// SPDX-License-Identifier: MIT
//
// Has CPython write the stacks of threads that may hold the GIL and hang.
//
// The functions that can do so are hidden in most builds: 3.11 and 3.12 export
// them, 3.9, 3.10, 3.13 and 3.14 do not. All have the module faulthandler, whose handlers of
// signals call them. It is told to handle two signals, and its handler is called as a function; the
// signals keep their meaning.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>

namespace uwsgi::python {

// Which stacks.
enum class Stacks { kOfAllThreads, kOfThisThread };

// With the GIL, while the process has one thread: once it has Python, and again in each child that
// the server forks. Where it fails no stack is written, and the log says so.
void PrepareStackWriter();

// Writes them; `Read` has the text then, until somebody writes again. False where there is nothing
// to write with, or another thread is at it. Without the GIL. Async-signal-safe.
class WrittenStacks {
 public:
  explicit WrittenStacks(Stacks which) noexcept;
  ~WrittenStacks();
  WrittenStacks(const WrittenStacks&) = delete;
  WrittenStacks& operator=(const WrittenStacks&) = delete;

  // The next bytes of the text; 0 at its end.
  std::size_t Read(std::span<char> into) noexcept;

 private:
  bool is_written_ = false;
  off_t offset_ = 0;
};

}  // namespace uwsgi::python
