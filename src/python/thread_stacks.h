// SPDX-License-Identifier: MIT

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace uwsgi::python {

// A request thread, by Python's number for it, and as the request log and Python call it.
struct NamedThread {
  unsigned long ident = 0;
  int core = 0;
  std::string name;
};

// The Python stacks of all threads, as CPython writes them. Without the GIL, which a thread that
// hangs may have, and hence only as right as stacks can be that change meanwhile.
std::string DumpStacks() noexcept;

// Names the threads in such a dump, and puts the one that serves core `first` before the others; -1
// leaves their order. Whole lines; every line of a stack is indented.
std::string NameStacks(std::string_view dump, std::span<const NamedThread> threads, int first);

}  // namespace uwsgi::python
