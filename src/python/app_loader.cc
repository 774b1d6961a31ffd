// SPDX-License-Identifier: MIT

#include "python/app_loader.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/log.h"
#include "os/read_file.h"
#include "python/error_text.h"
#include "python/forked_child.h"

namespace uwsgi::python {
namespace {

// Where a module came from, for messages.
std::string Where(const AppTarget& target) {
  return (target.is_file ? "file " : "module ") + target.place;
}

// Whether sys.prefix is a virtual environment's.
bool IsInEnvironment() {
  PyObject* const prefix = PySys_GetObject("prefix");  // Both are borrowed.
  PyObject* const base = PySys_GetObject("base_prefix");
  if (prefix == nullptr || base == nullptr) return false;
  return PyObject_RichCompareBool(prefix, base, Py_NE) == 1;
}

// Runs a file as a module of its own, so that pickle and logging see a name for it.
Handle RunFile(const std::string& path, const std::string& name) {
  const auto source = os::ReadFile(path);
  if (!source) {
    LogError("{} (see --wsgi-file)", source.error().message);
    return {};
  }
  const Handle code = Handle::Steal(
      Py_CompileStringExFlags(source->c_str(), path.c_str(), Py_file_input, nullptr, -1));
  if (!code) return {};
  return Handle::Steal(PyImport_ExecCodeModuleEx(name.c_str(), code.get(), path.c_str()));
}

// A virtual environment in the current directory or in `folder`; empty when there is none.
std::string FindEnvironment(const std::string& folder) {
  for (const std::string& place : {std::string(), folder}) {
    for (const char* name : {".venv", "venv", "env"}) {
      std::string path = place + name;
      if (::access((path + "/pyvenv.cfg").c_str(), R_OK) == 0) return path;
    }
  }
  return "";
}

// Logs the pending exception of an import from `path`, if there is one: there is none of a file
// that can not be read.
void LogImportError(const std::string& what, const std::string& path) {
  if (PyErr_Occurred() == nullptr) return;
  const bool is_missing = PyErr_ExceptionMatches(PyExc_ModuleNotFoundError) != 0;
  LogPythonError(what);
  if (!is_missing || IsInEnvironment()) return;
  const std::string environment = FindEnvironment(path.substr(0, path.rfind('/') + 1));
  if (environment.empty()) return;
  LogError("the environment {0} is there, but not in use: start with --home {0}", environment);
}

// `name` is the module's if it is a file.
Handle LoadModule(const AppTarget& target, const std::string& name) {
  Handle module = target.is_file ? RunFile(target.place, name)
                                 : Handle::Steal(PyImport_ImportModule(target.place.c_str()));
  EndIfForked();
  return module;
}

// "name" or "name.attribute" of a module, or an empty handle.
Handle FindObject(PyObject* module, std::string_view path) {
  Handle object = Handle::Share(module);
  while (object && !path.empty()) {
    const auto dot = path.find('.');
    object = OptionalAttr(object.get(), std::string(path.substr(0, dot)).c_str());
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return object;
}

// FindObject that leaves no error behind.
Handle FindObjectQuietly(PyObject* module, const CallableName& name) {
  Handle object = FindObject(module, name.path);
  if (!object) PyErr_Clear();
  return object;
}

// What else the module has that looks like its application, as a sentence in parentheses.
std::string HintAt(PyObject* module, const AppTarget& target, const CallableName& missing) {
  for (const CallableName& usual : UsualCallables()) {
    const Handle found = FindObjectQuietly(module, usual);
    if (!found || PyCallable_Check(found.get()) == 0) continue;
    return fmt::format(" ({0} has {1}, no {2}: use {0}:{3})", target.place, usual.path,
                       missing.path, usual.text());
  }
  return "";
}

Handle ResolveCallable(PyObject* module, const AppTarget& target, const CallableName& name) {
  Handle app = FindObjectQuietly(module, name);
  if (!app) {
    LogError("unable to find \"{}\" callable in {}{}", name.path, Where(target),
             HintAt(module, target, name));
    return {};
  }
  if (name.call) {
    app = Handle::Steal(PyObject_CallObject(app.get(), nullptr));
    EndIfForked();
    if (!app) {
      LogPythonError(fmt::format("{} in {} failed", name.text(), Where(target)));
      return {};
    }
  }
  if (PyCallable_Check(app.get()) == 0) {
    LogError("\"{}\" must be a callable object in {}", name.text(), Where(target));
    return {};
  }
  return app;
}

// The first of `names` that the module has; the first of all if it has none.
const CallableName& ChooseName(PyObject* module, const std::vector<CallableName>& names) {
  for (const CallableName& name : names) {
    if (FindObjectQuietly(module, name)) return name;
  }
  return names.front();
}

// The dict `applications` of the module, or of `uwsgi` when the module assigned it.
Handle FindApplications(PyObject* module) {
  Handle found = OptionalAttr(module, "applications");
  if (!found || PyDict_Check(found.get()) == 0) {
    PyErr_Clear();
    const Handle server = Handle::Steal(PyImport_ImportModule("uwsgi"));
    found = server ? OptionalAttr(server.get(), "applications") : Handle();
  }
  PyErr_Clear();
  return found && PyDict_Check(found.get()) != 0 ? std::move(found) : Handle();
}

std::string Text(PyObject* value) {
  if (PyBytes_Check(value) != 0) return std::string(BytesView(value));
  const char* text = PyUnicode_Check(value) != 0 ? PyUnicode_AsUTF8(value) : nullptr;
  PyErr_Clear();
  return text != nullptr ? std::string(text) : std::string();
}

std::vector<FoundApp> LoadApplications(PyObject* module, PyObject* applications,
                                       const AppTarget& target) {
  std::vector<FoundApp> found;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  for (Py_ssize_t i = 0; PyDict_Next(applications, &i, &key, &value) != 0;) {
    Handle app = Handle::Share(value);
    if (PyCallable_Check(value) == 0) {
      app = ResolveCallable(module, target, ParseCallableName(Text(value)));
    }
    if (app) found.push_back({Text(key), std::move(app)});
  }
  return found;
}

}  // namespace

std::vector<FoundApp> LoadTarget(const AppTarget& target, const std::vector<CallableName>& names,
                                 const std::string& mountpoint) {
  const Handle module = LoadModule(target, ModuleNameOfApp(target.place));
  if (!module) {
    LogImportError("cannot load " + Where(target), target.place);
    return {};
  }
  if (target.callable.empty()) {
    const Handle applications = FindApplications(module.get());
    if (applications) return LoadApplications(module.get(), applications.get(), target);
  }
  const CallableName& name =
      target.callable.empty() ? ChooseName(module.get(), names) : target.callable;
  std::vector<FoundApp> found;
  Handle app = ResolveCallable(module.get(), target, name);
  if (app) found.push_back({mountpoint, std::move(app)});
  return found;
}

void ImportQuietly(const std::string& text) {
  const bool is_file = text.find('/') != std::string::npos || text.ends_with(".py");
  const AppTarget target{is_file, text, {}};
  if (!LoadModule(target, ModuleNameOfImport(text))) {
    LogImportError("cannot import " + Where(target), text);
  }
}

}  // namespace uwsgi::python
