// SPDX-License-Identifier: MIT
//
// The embedded CPython: starts it as uWSGI does, or attaches to one that runs already,
// and brings its threads and forks through safely.

#pragma once

#include <Python.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "python/handle.h"

namespace uwsgi::python {

struct InterpreterOptions {
  std::string home;        // A virtual environment or a base prefix; empty: $VIRTUAL_ENV or ours.
  std::string executable;  // sys.executable; empty: that of the environment, or ours.
  std::string pyargv;      // sys.argv[1:], split at blanks.
  std::vector<std::string> python_path;  // Each goes to the front of sys.path, in turn.
  bool no_site = false;
  int optimize = 0;
};

// One per process. Methods run on the main thread with the GIL held, unless they say
// otherwise.
class Interpreter {
 public:
  Interpreter() = default;
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  // Starts CPython without signal handlers; the caller then holds the GIL. In a process
  // where Python runs already, only paths, argv and streams are set.
  Result<void> Start(const InterpreterOptions& options);

  // Puts a directory in front of sys.path.
  static void PrependPath(const std::string& path);

  // Around every fork. They run os.register_at_fork's functions.
  void BeforeFork();
  void AfterForkInParent();
  void AfterForkInChild();

  // gc.collect() and gc.freeze(): what is loaded stays shared with forked children.
  void FreezeHeap();

  // Whether `app` is an ASGI application, which the server can not run.
  bool IsAsgi(PyObject* app);

  // Gives up and takes back the GIL of the main thread.
  void ReleaseMainThread();
  void ReacquireMainThread();

  // Ends what Python's own exit would end: non-daemon threads, for `patience` at most,
  // then the functions of `atexit`, then the standard streams. Does not finalise: a
  // foreign thread that is still alive would crash in a finalised interpreter. Afterwards the
  // process must _exit.
  void RunExitFunctions(std::chrono::milliseconds patience);

  // "3.11.2 (main, ...) [GCC 12.2.0]", and its first word. Both before the start, too.
  static std::string_view Version();
  static std::string_view ReleaseNumber();
  // Where the modules come from and what sys.executable is, for the log.
  std::string DescribeEnvironment() const;
  // True for a free-threaded build, which may run with its GIL all the same.
  static bool IsFreeThreaded();
  // True on a free-threaded build that runs without its GIL.
  static bool IsParallel();

 private:
  Result<void> StartCPython(const InterpreterOptions& options);
  // Takes the Python that runs for what it is.
  void Attach(const InterpreterOptions& options);
  void SetPaths(const InterpreterOptions& options);
  Result<void> RunSupportCode();
  // Calls a function of the support code; `format` builds a tuple as Py_BuildValue does.
  Handle CallSupport(const char* function, const char* format, ...);

  Handle support_;                       // The namespace of python/runtime_support.py.
  PyThreadState* main_state_ = nullptr;  // While the main thread is without the GIL.
  bool started_ = false;
  std::string executable_;   // What sys.executable was set to.
  std::string environment_;  // The virtual environment or the prefix; empty: the embedded Python's.
};

}  // namespace uwsgi::python
