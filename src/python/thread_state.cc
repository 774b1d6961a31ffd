// SPDX-License-Identifier: MIT

#include "python/thread_state.h"

#include <Python.h>

#include "python/error_text.h"
#include "python/handle.h"

namespace uwsgi::python {
namespace {

// The calling thread's hold on Python.
struct ThreadHold {
  PyGILState_STATE ensured = PyGILState_UNLOCKED;
  PyThreadState* saved = nullptr;  // While the thread is without the GIL.
};

thread_local ThreadHold hold;  // NOLINT(*-avoid-non-const-global-variables): one per thread.

// Before Python 3.11.4 `threading` takes the thread of a forked child for one that it has started
// itself, with a lock of that kind, and fails to shut down where it is not: the status of
// multiprocessing's children would be 1.
void PrepareForForks([[maybe_unused]] PyObject* thread) {
#if PY_VERSION_HEX < 0x030C0000
  const Handle lock = OptionalAttr(thread, "_tstate_lock");
  if (lock.get() != Py_None) return;
  if (!Handle::Steal(PyObject_CallMethod(thread, "_set_tstate_lock", nullptr))) {
    LogPythonError("cannot prepare a request thread for forks");
  }
#endif
}

void NameThread(std::string_view name) {
  const Handle module = Handle::Steal(PyImport_ImportModule("threading"));
  const Handle thread =
      module ? Handle::Steal(PyObject_CallMethod(module.get(), "current_thread", nullptr))
             : Handle();
  if (thread) PrepareForForks(thread.get());
  const Handle text = Latin1(name);
  if (!thread || !text || PyObject_SetAttrString(thread.get(), "name", text.get()) != 0) {
    LogPythonError("cannot name a request thread");
  }
}

// What current_thread() has made for this thread would stay in threading.enumerate(): before 3.13
// Python takes it for a thread that somebody else ends.
void ForgetThread() {
  const Handle module = Handle::Steal(PyImport_ImportModule("threading"));
  const Handle active =
      module ? Handle::Steal(PyObject_GetAttrString(module.get(), "_active")) : Handle();
  const Handle ident = Handle::Steal(PyLong_FromUnsignedLong(PyThread_get_thread_ident()));
  if (active && ident && PyDict_Check(active.get()) != 0) {
    PyDict_DelItem(active.get(), ident.get());
  }
  PyErr_Clear();
}

}  // namespace

void AttachThread(std::string_view name) {
  hold.ensured = PyGILState_Ensure();
  NameThread(name);
  hold.saved = PyEval_SaveThread();
}

void DetachThread() {
  PyEval_RestoreThread(hold.saved);
  hold.saved = nullptr;
  ForgetThread();
  PyGILState_Release(hold.ensured);
}

void AcquireGil() {
  PyEval_RestoreThread(hold.saved);
  hold.saved = nullptr;
}

void ReleaseGilHere() { hold.saved = PyEval_SaveThread(); }

}  // namespace uwsgi::python
