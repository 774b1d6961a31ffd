// SPDX-License-Identifier: MIT

#include "python/stack_writer.h"

#include <Python.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "base/log.h"
#include "base/unique_fd.h"
#include "python/error_text.h"
#include "python/handle.h"

namespace uwsgi::python {
namespace {

using Handler = void (*)(int);

// By Stacks.
std::array<int, 2> Signals() { return {SIGRTMAX, SIGRTMAX - 1}; }

// What faulthandler writes to, and by what; each process its own. Set while there is one thread.
struct Writer {
  UniqueFd file;
  ino_t inode = 0;  // Of `file`: an application may have closed it and have another by its number.
  std::array<Handler, 2> handlers{};  // By Stacks.
};
Writer writer;                        // NOLINT(*-avoid-non-const-global-variables)
std::atomic_flag is_writing = false;  // NOLINT(*-avoid-non-const-global-variables)

bool IsIntact() {
  struct stat status {};
  return writer.file.valid() && ::fstat(writer.file.get(), &status) == 0 &&
         status.st_ino == writer.inode;
}

// Tells faulthandler to handle the signal by writing to `file`. The first time in a process, and in
// those that it was forked from, that sets a handler, which is taken from there.
bool Register(PyObject* faulthandler, Stacks which, int file) {
  const auto index = static_cast<std::size_t>(which);
  const int signum = Signals()[index];
  PyObject* const all_threads = which == Stacks::kOfAllThreads ? Py_True : Py_False;
  struct sigaction before {};
  struct sigaction registered {};
  ::sigaction(signum, nullptr, &before);
  const Handle done = Handle::Steal(
      PyObject_CallMethod(faulthandler, "register", "iiOO", signum, file, all_threads, Py_False));
  if (!done) return false;
  ::sigaction(signum, nullptr, &registered);
  ::sigaction(signum, &before, nullptr);
  if (writer.handlers[index] == nullptr) writer.handlers[index] = registered.sa_handler;
  return writer.handlers[index] != nullptr;
}

bool Prepare() {
  UniqueFd file(::memfd_create("stacks", MFD_CLOEXEC));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) return false;
  const Handle faulthandler = Handle::Steal(PyImport_ImportModule("faulthandler"));
  if (!faulthandler || !Register(faulthandler.get(), Stacks::kOfAllThreads, file.get()) ||
      !Register(faulthandler.get(), Stacks::kOfThisThread, file.get())) {
    return false;
  }
  writer.file = std::move(file);
  writer.inode = status.st_ino;
  return true;
}

}  // namespace

void PrepareStackWriter() {
  if (Prepare()) return;
  writer.file.reset();
  LogWarning("stacks of threads will not be in the log: {}", TakeErrorText());
}

WrittenStacks::WrittenStacks(Stacks which) noexcept {
  if (is_writing.test_and_set()) return;
  is_written_ = true;
  if (!IsIntact()) return;
  (void)!::ftruncate(writer.file.get(), 0);
  ::lseek(writer.file.get(), 0, SEEK_SET);
  const auto index = static_cast<std::size_t>(which);
  writer.handlers[index](Signals()[index]);
}

WrittenStacks::~WrittenStacks() {
  if (is_written_) is_writing.clear();
}

std::size_t WrittenStacks::Read(std::span<char> into) noexcept {
  if (!is_written_ || !IsIntact()) return 0;
  const ssize_t got = ::pread(writer.file.get(), into.data(), into.size(), offset_);
  if (got <= 0) return 0;
  offset_ += got;
  return static_cast<std::size_t>(got);
}

}  // namespace uwsgi::python
