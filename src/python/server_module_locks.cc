// SPDX-License-Identifier: MIT

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

[[noreturn]] void RaiseRuntimeError(const std::string& text) {
  PyErr_SetString(PyExc_RuntimeError, text.c_str());
  throw py::error_already_set();
}

ProcessLock& FindLock(const LockTable& locks, std::int64_t number) {
  ProcessLock* const lock = locks.Find(number);
  if (lock == nullptr) throw py::value_error("Invalid lock number");
  return *lock;
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

void Lock(ServerControl& control, const LockTable& locks, std::int64_t number) {
  ProcessLock& lock = FindLock(locks, number);
  std::optional<ShownWait> shown;
  LockOutcome outcome = lock.TryLock();
  while (outcome == LockOutcome::kTimedOut) {
    outcome = WaitFor(lock);
    if (outcome != LockOutcome::kTimedOut) break;
    if (!shown) shown.emplace(control, number);
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
  if (outcome == LockOutcome::kOwn) {
    RaiseRuntimeError(fmt::format(
        "this thread has lock {} already, and would wait for itself: call uwsgi.unlock({}) first",
        number, number));
  }
  if (outcome == LockOutcome::kRecovered) {
    LogWarning("[deadlock-detector] a process that had uwsgi.lock({}) died: it is free again",
               number);
  }
}

void Unlock(const LockTable& locks, std::int64_t number) {
  ProcessLock& lock = FindLock(locks, number);
  if (lock.Unlock()) return;
  const os::ProcessIdentity owner = lock.Owner();
  if (owner == 0) return;  // As in uWSGI.
  RaiseRuntimeError(fmt::format("process {} has lock {}, and not this one ({})", os::PidOf(owner),
                                number, os::PidOf(os::ThisProcess())));
}

}  // namespace

void BindLocks(py::module_& module, ServerControl& control, const LockTable& locks) {
  module.def(
      "lock", [&control, locks](std::int64_t number) { Lock(control, locks, number); },
      py::arg("lock_num") = 0);
  module.def(
      "unlock", [locks](std::int64_t number) { Unlock(locks, number); }, py::arg("lock_num") = 0);
  module.def(
      "is_locked", [locks](std::int64_t number) { return FindLock(locks, number).Owner() != 0; },
      py::arg("lock_num") = 0);
}

}  // namespace uwsgi::python
