// SPDX-License-Identifier: MIT

#include "python/server_module.h"

#include <unistd.h>

#include <array>
#include <string_view>

#include "base/log.h"
#include "os/process_facts.h"
#include "python/error_text.h"
#include "python/forked_child.h"
#include "python/server_module_parts.h"
#include "uwsgi/version.h"

namespace py = pybind11;

namespace uwsgi::python {
namespace {

// Flags that libraries test for truth. In a configuration file they may stand without a
// value, and b"" would read as "off".
constexpr std::array<std::string_view, 9> kFlags = {"enable-threads",
                                                    "py-call-uwsgi-fork-hooks",
                                                    "master",
                                                    "lazy-apps",
                                                    "lazy",
                                                    "single-interpreter",
                                                    "need-app",
                                                    "skip-atexit",
                                                    "gevent-monkey-patch"};

bool IsFlag(std::string_view name) {
  for (const std::string_view flag : kFlags) {
    if (flag == name) return true;
  }
  return false;
}

// The magic variables of configuration files that do not depend on a file.
py::dict MagicTable(const os::ProcessFacts& facts) {
  py::dict table;
  for (const auto& [letter, value] : facts.ByLetter()) {
    table[py::bytes(std::string(1, letter))] = py::bytes(value);
  }
  // "%(" is left for placeholders.
  table[py::bytes("(")] = py::bytes("%(");
  return table;
}

void AddFacts(py::module_& module, const ServerControl& control, int threads) {
  const auto facts = os::ProcessFacts::OfThisProcess(control.started_on(), control.program());
  module.attr("version") = py::bytes(std::string(kVersion));
  module.attr("version_info") =
      py::make_tuple(kVersionInfo[0], kVersionInfo[1], kVersionInfo[2], kVersionInfo[3],
                     py::bytes(std::string(kVersionTag)));
  module.attr("hostname") = py::bytes(facts.host_name);
  // The server's own program; sys.executable is a Python.
  module.attr("binary_path") = py::bytes(facts.binary_path);
  module.attr("numproc") = control.worker_count();
  module.attr("cores") = threads;
  module.attr("threads") = threads;
  module.attr("has_threads") = 1;
  module.attr("buffer_size") = control.buffer_size();
  module.attr("started_on") = static_cast<std::int64_t>(control.started_on());
  module.attr("is_a_reload") = control.is_a_reload();
  module.attr("applications") = py::none();
  module.attr("loop") = py::none();
  module.attr("unbit") = py::none();
  module.attr("magic_table") = MagicTable(facts);
  py::list sockets;
  for (const int fd : control.listening_fds()) sockets.append(fd);
  module.attr("sockets") = sockets;
}

}  // namespace

std::string TextArgument(const py::object& value) {
  if (PyBytes_Check(value.ptr()) != 0) return std::string(BytesView(value.ptr()));
  if (PyUnicode_Check(value.ptr()) != 0) {
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
    if (text == nullptr) throw py::error_already_set();
    return {text, static_cast<std::size_t>(size)};
  }
  throw py::type_error("expected str or bytes");
}

PyMethodDef FastFunction(const char* name, FastCall function) {
  // As the C API wants it for METH_FASTCALL.
  void (*const any)() = reinterpret_cast<void (*)()>(function);
  return {name, reinterpret_cast<PyCFunction>(any), METH_FASTCALL, nullptr};
}

void AddFunctions(py::module_& module, std::span<PyMethodDef> table, const py::object& self) {
  for (PyMethodDef& row : table) {
    const auto function = py::reinterpret_steal<py::object>(
        PyCFunction_NewEx(&row, self.ptr(), module.attr("__name__").ptr()));
    if (!function) throw py::error_already_set();
    module.attr(row.ml_name) = function;
  }
}

py::dict MakeOpt(const std::vector<RawOption>& raw, const ServerControl& control) {
  py::dict opt;
  for (const RawOption& option : raw) {
    const bool bare = option.bare || (option.value.empty() && IsFlag(option.name));
    const py::str key = py::reinterpret_steal<py::str>(Latin1(option.name).release());
    if (bare) {
      opt[key] = py::bool_(true);
    } else {
      opt[key] = py::bytes(option.value);
    }
  }
  // Threads and fork hooks are always on here, the master unless it was turned off.
  if (!opt.contains("enable-threads")) opt["enable-threads"] = true;
  if (!opt.contains("py-call-uwsgi-fork-hooks")) opt["py-call-uwsgi-fork-hooks"] = true;
  if (control.master_pid() != 0 && !opt.contains("master")) opt["master"] = true;
  return opt;
}

bool ServerModule::Install(ServerControl& control, const std::vector<RawOption>& raw, int threads,
                           const SharedParts& shared) {
  module_ = Handle::Steal(PyModule_New("uwsgi"));
  if (!module_) return false;
  apps_ = std::make_shared<std::vector<LoadedApp>>();
  try {
    auto module = py::reinterpret_borrow<py::module_>(module_.get());
    AddFacts(module, control, threads);
    const py::dict opt = MakeOpt(raw, control);
    module.attr("opt") = opt;
    for (const char* name : {"mode", "pidfile"}) {
      if (opt.contains(name)) module.attr(name) = opt[name];
    }
    BindControl(module, control, apps_);
    BindRequest(module, control);
    if (shared.caches) BindCache(module, shared.caches);
    if (shared.locks) BindLocks(module, control, *shared.locks);
    BindWebSocket(module);
  } catch (py::error_already_set& error) {
    error.restore();
    return false;
  }
  PyObject* modules = PyImport_GetModuleDict();  // Borrowed.
  return PyDict_SetItemString(modules, "uwsgi", module_.get()) == 0;
}

void ServerModule::SetApps(std::vector<LoadedApp> apps) { *apps_ = std::move(apps); }

Handle ServerModule::Hook(const char* name) const {
  // Not an attribute lookup: the module's own __getattr__ has nothing to say about hooks.
  PyObject* hook = PyDict_GetItemString(PyModule_GetDict(module_.get()), name);  // Borrowed.
  if (hook == nullptr || PyCallable_Check(hook) == 0) return {};
  return Handle::Share(hook);
}

void ServerModule::CallHook(const char* name) {
  const Handle hook = Hook(name);
  if (!hook) return;
  const Handle result = Handle::Steal(PyObject_CallObject(hook.get(), nullptr));
  EndIfForked();
  if (!result) LogPythonError(std::string("uwsgi.") + name + " failed");
}

}  // namespace uwsgi::python
