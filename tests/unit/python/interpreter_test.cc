// SPDX-License-Identifier: MIT

#include "python/interpreter.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "python/python_session.h"
#include "python/thread_stacks.h"
#include "python/thread_state.h"

namespace uwsgi::python {
namespace {

using testing::HasSubstr;

TEST(InterpreterTest, InstallsNoSignalHandlers) {
  Session();
  RunPython("import signal, subprocess");
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    EXPECT_EQ(action.sa_handler, SIG_DFL) << number;
  }
}

TEST(InterpreterTest, SetsSysAsUwsgiDoes) {
  Session();
  EXPECT_EQ(Eval("__import__('sys').argv"), "['uwsgi']");
  EXPECT_EQ(Eval("__import__('sys').path[0]"), "'.'");
}

// multiprocessing and subprocess start it: it runs Python, of this version, with these modules.
TEST(InterpreterTest, SysExecutableIsAPythonOfThisVersion) {
  Session();
  RunPython(
      "import subprocess, sys\n"
      "code = 'import sys; print((sys.version, sys.prefix))'\n"
      "told = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)\n"
      "assert told.stdout == str((sys.version, sys.prefix)) + '\\n', told\n");
}

TEST(InterpreterTest, KnowsItsVersion) {
  EXPECT_EQ(Interpreter::ReleaseNumber(), PY_VERSION);
  EXPECT_THAT(std::string(Interpreter::Version()), testing::StartsWith(PY_VERSION " ("));
}

TEST(InterpreterTest, PutsEachPathInFrontOfTheLast) {
  Session();  // Python runs already: this one joins it.
  Interpreter again;
  ASSERT_TRUE(again.Start({.home = "",
                           .executable = "",
                           .pyargv = "one  two",
                           .python_path = {"/first", "/second"},
                           .no_site = false,
                           .optimize = 0}));
  EXPECT_EQ(Eval("__import__('sys').path[:3]"), "['/second', '/first', '.']");
  EXPECT_EQ(Eval("__import__('sys').argv"), "['uwsgi', 'one', 'two']");
}

TEST(InterpreterTest, NamesAndRunsForeignThreads) {
  Interpreter& session = Session();
  session.ReleaseMainThread();
  std::string name;
  std::thread thread([&name] {
    AttachThread("uWSGIWorker1Core7");
    AcquireGil();
    name = Eval("__import__('threading').current_thread().name");
    ReleaseGilHere();
    AcquireGil();
    ReleaseGilHere();
    DetachThread();
  });
  thread.join();
  session.ReacquireMainThread();
  EXPECT_EQ(name, "'uWSGIWorker1Core7'");
  const std::string names = Eval("[t.name for t in __import__('threading').enumerate()]");
  EXPECT_EQ(names.find("Core7"), std::string::npos) << names;
}

TEST(InterpreterTest, DumpsTheStacksOfThreadsThatHoldTheGil) {
  Session();
  std::string dump;
  const Handle names = RunPython("def stuck_here(call): call()");
  const Handle self = Handle::Steal(PyCapsule_New(&dump, nullptr, nullptr));
  static PyMethodDef method = {
      "dump",
      [](PyObject* capsule, PyObject*) -> PyObject* {
        auto* text = static_cast<std::string*>(PyCapsule_GetPointer(capsule, nullptr));
        std::thread([text] { *text = DumpStacks(); }).join();
        Py_RETURN_NONE;
      },
      METH_NOARGS, nullptr};
  const Handle function = Handle::Steal(PyCFunction_New(&method, self.get()));
  const Handle done = Handle::Steal(PyObject_CallFunctionObjArgs(
      PyDict_GetItemString(names.get(), "stuck_here"), function.get(), nullptr));
  ASSERT_TRUE(done);
  EXPECT_THAT(dump, HasSubstr("in stuck_here"));
  const NamedThread own[] = {{PyThread_get_thread_ident(), 3, "uWSGIWorker1Core3"}};
  EXPECT_THAT(NameStacks(dump, own, 3),
              testing::StartsWith("Thread of core 3 (uWSGIWorker1Core3, most recent call first):\n"
                                  "  File \"<string>\", line 1 in stuck_here\n"));
}

// The exit of a child whose threads do not all end: bounded, and nothing crashes.
TEST(InterpreterTest, ExitFunctionsRunAndStuckThreadsAreGivenUp) {
  Interpreter& session = Session();
  testing::internal::CaptureStderr();
  session.BeforeFork();
  const pid_t child = ::fork();
  if (child == 0) {
    session.AfterForkInChild();
    RunPython(R"(
import atexit, os, threading, time
from concurrent.futures import ThreadPoolExecutor
note = lambda text: os.write(2, text.encode() + b'\n')
atexit.register(note, 'atexit')
ThreadPoolExecutor(1).submit(int)
threading.Thread(target=lambda: (time.sleep(.01), note('finished'))).start()
threading.Thread(target=threading.Event().wait, name='stuck').start()
threading.Thread(target=threading.Event().wait, name='daemon', daemon=True).start()
)");
    session.RunExitFunctions(std::chrono::milliseconds(300));
    ::_exit(0);
  }
  session.AfterForkInParent();
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(log, "finished\nwarning: threads of the application did not end: ['stuck']\natexit\n");
}

TEST(ErrorTextTest, ShowsTheTracebackOfAnything) {
  Session();
  EXPECT_EQ(Eval("exit(3)"), "SystemExit: 3");
  PyErr_SetNone(PyExc_KeyboardInterrupt);
  EXPECT_EQ(TakeErrorText(), "KeyboardInterrupt");
  EXPECT_EQ(PyErr_Occurred(), nullptr);
  EXPECT_EQ(TakeErrorText(), "no exception was set");
}

TEST(ErrorTextTest, AnErrorCanNotPassForALineOfTheLog) {
  EXPECT_EQ(Indented("Traceback (most recent call last):\n  File \"a\"\nValueError: \tx"),
            "  Traceback (most recent call last):\n    File \"a\"\n  ValueError: \tx");
  EXPECT_EQ(Indented("bad \x1b[31m\nerror: forged\r\x7f\xc3\xa9"),
            "  bad \\x1b[31m\n  error: forged\\x0d\\x7f\xc3\xa9");
  EXPECT_EQ(Indented(""), "  ");
}

}  // namespace
}  // namespace uwsgi::python
