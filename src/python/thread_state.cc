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

void NameThread(std::string_view name) {
  const Handle module = Handle::Steal(PyImport_ImportModule("threading"));
  const Handle thread =
      module ? Handle::Steal(PyObject_CallMethod(module.get(), "current_thread", nullptr))
             : Handle();
  const Handle text = Latin1(name);
  if (!thread || !text || PyObject_SetAttrString(thread.get(), "name", text.get()) != 0) {
    LogPythonError("cannot name a request thread");
  }
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
  PyGILState_Release(hold.ensured);
}

void AcquireGil() {
  PyEval_RestoreThread(hold.saved);
  hold.saved = nullptr;
}

void ReleaseGilHere() { hold.saved = PyEval_SaveThread(); }

}  // namespace uwsgi::python
