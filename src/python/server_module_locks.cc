// SPDX-License-Identifier: MIT

#include <array>
#include <chrono>
#include <optional>

#include "base/app_fork.h"
#include "base/log.h"
#include "ipc/lock_table.h"
#include "os/process_identity.h"
#include "python/current_request.h"
#include "python/handle.h"
#include "python/server_module_parts.h"

namespace py = pybind11;

namespace uwsgi::python {
namespace {

// After this a wait is part of the thread's status, and Python's signal handlers run.
constexpr std::chrono::seconds kLongWait{1};

constexpr const char* kCapsule = "uwsgi.locks";

// What the functions act on; it lives as long as they do.
struct LockParts {
  ServerControl& control;  // Outlives the interpreter.
  LockTable locks;
};

LockParts& PartsOf(PyObject* self) {
  return *static_cast<LockParts*>(PyCapsule_GetPointer(self, kCapsule));
}

PyObject* RaiseRuntimeError(const std::string& text) {
  PyErr_SetString(PyExc_RuntimeError, text.c_str());
  return nullptr;
}

PyObject* None() { return Handle::Share(Py_None).release(); }

// The lock that the only argument is the number of; 0 without one. Null with Python's error set.
ProcessLock* FindLock(PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                      std::int64_t& number) {
  if (count > 1) {
    PyErr_Format(PyExc_TypeError, "function takes at most 1 argument (%zd given)", count);
    return nullptr;
  }
  if (count == 1 && PyLong_Check(arguments[0]) == 0) {
    PyErr_Format(PyExc_TypeError, "the number of a lock must be int, not %s",
                 Py_TYPE(arguments[0])->tp_name);
    return nullptr;
  }
  number = count == 1 ? PyLong_AsLongLong(arguments[0]) : 0;
  if (number == -1 && PyErr_Occurred() != nullptr) return nullptr;
  ProcessLock* const lock = PartsOf(self).locks.Find(number);
  if (lock == nullptr) PyErr_SetString(PyExc_ValueError, "Invalid lock number");
  return lock;
}

// Shows that the calling thread waits, where it serves a request.
class ShownWait {
 public:
  ShownWait(ServerControl& control, std::int64_t lock) : control_(control) {
    const Exchange* const exchange = IsAppFork() ? nullptr : ThisThreadsRequest().exchange;
    if (exchange == nullptr) return;
    core_ = exchange->request().core;
    control_.ShowLockWait(core_, static_cast<int>(lock));
  }
  ~ShownWait() {
    if (core_ >= 0) control_.ShowLockWait(core_, std::nullopt);
  }
  ShownWait(const ShownWait&) = delete;
  ShownWait& operator=(const ShownWait&) = delete;

 private:
  ServerControl& control_;
  int core_ = -1;  // None outside of requests.
};

LockOutcome WaitFor(ProcessLock& lock) {
  const ReleaseGil released;
  return lock.LockUntil(ProcessLock::Clock::now() + kLongWait);
}

// kTimedOut with Python's error set, by a signal handler.
LockOutcome WaitLong(ServerControl& control, ProcessLock& lock, std::int64_t number) {
  LockOutcome outcome = WaitFor(lock);
  if (outcome != LockOutcome::kTimedOut) return outcome;
  const ShownWait shown(control, number);
  while (outcome == LockOutcome::kTimedOut && PyErr_CheckSignals() == 0) outcome = WaitFor(lock);
  return outcome;
}

PyObject* Lock(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  std::int64_t number = 0;
  ProcessLock* const lock = FindLock(self, arguments, count, number);
  if (lock == nullptr) return nullptr;
  LockOutcome outcome = lock->TryLock();
  if (outcome == LockOutcome::kTimedOut) outcome = WaitLong(PartsOf(self).control, *lock, number);
  if (outcome == LockOutcome::kTimedOut) return nullptr;
  if (outcome == LockOutcome::kOwn) {
    return RaiseRuntimeError(fmt::format(
        "this thread has lock {} already, and would wait for itself: call uwsgi.unlock({}) first",
        number, number));
  }
  if (outcome == LockOutcome::kRecovered) {
    LogWarning("[deadlock-detector] a process that had uwsgi.lock({}) died: it is free again",
               number);
  }
  return None();
}

PyObject* Unlock(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  std::int64_t number = 0;
  ProcessLock* const lock = FindLock(self, arguments, count, number);
  if (lock == nullptr) return nullptr;
  if (lock->Unlock()) return None();
  const os::ProcessIdentity owner = lock->Owner();
  if (owner == 0) return None();  // As in uWSGI.
  return RaiseRuntimeError(fmt::format("process {} has lock {}, and not this one ({})",
                                       os::PidOf(owner), number, os::PidOf(os::ThisProcess())));
}

PyObject* IsLocked(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
  std::int64_t number = 0;
  const ProcessLock* const lock = FindLock(self, arguments, count, number);
  if (lock == nullptr) return nullptr;
  return PyBool_FromLong(lock->Owner() != 0 ? 1 : 0);
}

}  // namespace

void BindLocks(py::module_& module, ServerControl& control, const LockTable& locks) {
  const auto capsule = py::reinterpret_steal<py::object>(PyCapsule_New(
      new LockParts{control, locks}, kCapsule, [](PyObject* self) { delete &PartsOf(self); }));
  if (!capsule) throw py::error_already_set();
  // As long as the process: the functions point to it.
  static std::array<PyMethodDef, 3> table = {FastFunction("lock", Lock),
                                             FastFunction("unlock", Unlock),
                                             FastFunction("is_locked", IsLocked)};
  AddFunctions(module, table, capsule);
}

}  // namespace uwsgi::python
