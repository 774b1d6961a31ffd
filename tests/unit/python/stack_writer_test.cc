// SPDX-License-Identifier: MIT

#include "python/stack_writer.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include "python/python_session.h"
#include "python/stack_place.h"
#include "support/child_process.h"

namespace uwsgi::python {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Written(Stacks which) {
  WrittenStacks stacks(which);
  std::string text;
  std::array<char, 7> piece{};  // Several reads.
  while (const std::size_t got = stacks.Read(piece)) text.append(piece.data(), got);
  return text;
}

// A function of Python that calls back when it runs.
PyObject* CallBack(PyObject* capsule, PyObject*) {
  (*static_cast<std::function<void()>*>(PyCapsule_GetPointer(capsule, nullptr)))();
  Py_RETURN_NONE;
}

void WithinPython(std::function<void()> function) {
  static PyMethodDef method = {"call_back", CallBack, METH_NOARGS, nullptr};
  Session();
  const Handle capsule = Handle::Steal(PyCapsule_New(&function, nullptr, nullptr));
  const Handle callable = Handle::Steal(PyCFunction_New(&method, capsule.get()));
  const Handle names = RunPython("def inner(call):\n  call()\ndef outer(call):\n  inner(call)\n");
  PyObject* outer = PyDict_GetItemString(names.get(), "outer");
  EXPECT_TRUE(Handle::Steal(PyObject_CallFunctionObjArgs(outer, callable.get(), nullptr)));
}

TEST(WrittenStacksTest, AreThoseOfTheThreadThatAsks) {
  std::string text;
  WithinPython([&] { text = Written(Stacks::kOfThisThread); });
  EXPECT_THAT(text, HasSubstr("in inner\n"));
  EXPECT_THAT(text, HasSubstr("in outer\n"));
}

// The main thread has the GIL and does not let it go.
TEST(WrittenStacksTest, AreReadByAThreadThatPythonDoesNotKnow) {
  std::string text;
  WithinPython([&] { std::thread([&] { text = Written(Stacks::kOfAllThreads); }).join(); });
  EXPECT_THAT(text, testing::StartsWith("Thread 0x"));
  EXPECT_THAT(text, HasSubstr("in outer\n"));
}

TEST(WrittenStacksTest, LeaveTheSignalsAlone) {
  Session();
  for (const int signum : {SIGRTMAX, SIGRTMAX - 1}) {
    struct sigaction action {};
    ::sigaction(signum, nullptr, &action);
    EXPECT_EQ(action.sa_handler, SIG_DFL);
  }
}

TEST(WrittenStacksTest, HoldTheirTextWhileAnotherAsks) {
  Session();
  const WrittenStacks first(Stacks::kOfThisThread);
  EXPECT_EQ(Written(Stacks::kOfThisThread), "");
}

TEST(WrittenStacksTest, AreOfTheChildThatHasPrepared) {
  Session();
  const int status = RunInChild([] {
    PyOS_AfterFork_Child();
    PrepareStackWriter();
    const Handle names = RunPython("");
    return Written(Stacks::kOfAllThreads).empty() ? 1 : 0;
  });
  EXPECT_EQ(status, 0);
}

// An application that closes what is not its own, and has another file by that number.
TEST(WrittenStacksTest, NeverReachAFileOfTheApplication) {
  Session();
  const int status = RunInChild([] {
    PyOS_AfterFork_Child();
    std::array<char, 64> name{};
    int number = -1;
    for (int fd = 3; fd < 64 && number < 0; ++fd) {
      const std::string link = "/proc/self/fd/" + std::to_string(fd);
      name.fill('\0');
      (void)!::readlink(link.c_str(), name.data(), name.size() - 1);
      if (std::string_view(name.data()).starts_with("/memfd:stacks")) number = fd;
    }
    if (number < 0) return 1;
    std::FILE* file = std::tmpfile();
    ::dup2(::fileno(file), number);
    if (!Written(Stacks::kOfThisThread).empty()) return 2;
    struct stat found {};
    ::fstat(::fileno(file), &found);
    return found.st_size == 0 ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace uwsgi::python
