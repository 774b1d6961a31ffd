// SPDX-License-Identifier: MIT
//
// The pieces that server_module.cc puts the `uwsgi` module together from.
//
// `control` outlives the interpreter; the functions keep a pointer to it.

#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "options/raw_option.h"
#include "python/server_module.h"
#include "uwsgi/gateway.h"
#include "uwsgi/server_control.h"

namespace uwsgi::python {

using AppList = std::vector<LoadedApp>;

// What uwsgi functions return instead of False.
inline pybind11::object TrueOrNone(bool value) {
  if (value) return pybind11::bool_(true);
  return pybind11::none();
}

// A str or bytes argument as bytes. Anything else is a TypeError.
std::string TextArgument(const pybind11::object& value);

// uwsgi.opt: str to bytes, True for a bare flag; the last of repeated options counts.
// Facts that libraries look for are there without having been configured.
pybind11::dict MakeOpt(const std::vector<RawOption>& raw, const ServerControl& control);

// Processes, counters, reload and stop, the log.
void BindControl(pybind11::module_& module, ServerControl& control,
                 const std::shared_ptr<const AppList>& apps);  // Shared with ServerModule::SetApps.

// The calling thread's exchange. SystemError outside of a request.
Exchange& CurrentExchange();

// Websockets of the request that the calling thread serves.
void BindWebSocket(pybind11::module_& module);

// What acts on the request that the calling thread serves.
void BindRequest(pybind11::module_& module, const ServerControl& control);

// A function of the C API, for what is called often: it costs less than half of one of pybind11's.
using FastCall = PyObject* (*)(PyObject* self, PyObject* const* arguments, Py_ssize_t count);
PyMethodDef FastFunction(const char* name, FastCall function);
// Adds functions that get `self`, and keep it. `table` lives as long as the process.
void AddFunctions(pybind11::module_& module, std::span<PyMethodDef> table,
                  const pybind11::object& self);

// lock(), unlock(), is_locked().
void BindLocks(pybind11::module_& module, ServerControl& control, const LockTable& locks);

// The cache_* functions. `caches` lives as long as they do.
void BindCache(pybind11::module_& module, const std::shared_ptr<CacheSet>& caches);

}  // namespace uwsgi::python
