// SPDX-License-Identifier: MIT

#include "python/forked_child.h"

#include <Python.h>

#include <unistd.h>

#include "base/app_fork.h"
#include "base/log.h"
#include "python/error_text.h"
#include "python/handle.h"

namespace uwsgi::python {
namespace {

constexpr int kRaised = 1;

// What sys.exit(code) makes of its argument.
int StatusOf(PyObject* code) {
  if (code == Py_None) return 0;
  if (PyLong_Check(code) != 0) return static_cast<int>(PyLong_AsLong(code));
  PyObject* stream = PySys_GetObject("stderr");  // Borrowed.
  if (stream != nullptr && stream != Py_None) {
    PyFile_WriteObject(code, stream, Py_PRINT_RAW);
    PyFile_WriteString("\n", stream);
  }
  return kRaised;
}

// Takes the pending exception. What it keeps alive, open files for instance, is gone then.
int TakeExitStatus() {
  if (PyErr_Occurred() == nullptr) return 0;
  if (PyErr_ExceptionMatches(PyExc_SystemExit) == 0) {
    LogTraceback(
        fmt::format("exception in process {}, which the application has forked", ::getpid()),
        TakeErrorText());
    return kRaised;
  }
  PyObject* kind = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&kind, &value, &traceback);
  PyErr_NormalizeException(&kind, &value, &traceback);
  const Handle kept[] = {Handle::Steal(kind), Handle::Steal(value), Handle::Steal(traceback)};
  const Handle code = OptionalAttr(value, "code");
  return code ? StatusOf(code.get()) : kRaised;
}

void Flush(const char* name) {
  PyObject* stream = PySys_GetObject(name);  // Borrowed.
  if (stream != nullptr && stream != Py_None) {
    static_cast<void>(Handle::Steal(PyObject_CallMethod(stream, "flush", nullptr)));
  }
  PyErr_Clear();
}

[[noreturn]] void End() {
  const int status = TakeExitStatus();
  Flush("stdout");
  Flush("stderr");
  ::_exit(status);
}

}  // namespace

void EndIfForked() {
  if (IsAppFork()) End();
}

}  // namespace uwsgi::python
