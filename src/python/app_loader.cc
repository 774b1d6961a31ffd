// SPDX-License-Identifier: MIT

#include "python/app_loader.h"

#include <fmt/format.h>

#include "base/log.h"
#include "os/read_file.h"
#include "python/error_text.h"
#include "python/forked_child.h"

namespace uwsgi::python {
namespace {

bool EndsIn(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

bool IsScript(std::string_view path) { return EndsIn(path, ".py") || EndsIn(path, ".wsgi"); }

void ParseCallable(std::string_view text, AppTarget& target) {
  target.call = EndsIn(text, "()");
  target.callable = text.substr(0, text.size() - (target.call ? 2 : 0));
}

// Where a module came from, for messages.
std::string Where(const AppTarget& target) {
  return (target.is_file ? "file " : "module ") + target.place;
}

// Runs a file as a module of its own, so that pickle and logging see a name for it.
Handle RunFile(const std::string& path) {
  const auto source = os::ReadFile(path);
  if (!source) {
    LogError("{} (see --wsgi-file)", source.error().message);
    return {};
  }
  std::string name = "uwsgi_file_" + path;
  for (char& c : name) {
    if (c == '.' || c == '/') c = '_';
  }
  const Handle code = Handle::Steal(
      Py_CompileStringExFlags(source->c_str(), path.c_str(), Py_file_input, nullptr, -1));
  if (!code) return {};
  const Handle text = FsText(name);
  return text ? Handle::Steal(PyImport_ExecCodeModuleEx(name.c_str(), code.get(), path.c_str()))
              : Handle();
}

Handle LoadModule(const AppTarget& target) {
  Handle module = target.is_file ? RunFile(target.place)
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

Handle ResolveCallable(PyObject* module, const AppTarget& target, const std::string& name) {
  Handle app = FindObject(module, name);
  if (!app) {
    PyErr_Clear();
    LogError("unable to find \"{}\" callable in {}", name, Where(target));
    return {};
  }
  if (target.call) {
    app = Handle::Steal(PyObject_CallObject(app.get(), nullptr));
    EndIfForked();
    if (!app) {
      LogPythonError(fmt::format("{}() in {} failed", name, Where(target)));
      return {};
    }
  }
  if (PyCallable_Check(app.get()) == 0) {
    LogError("\"{}\" must be a callable object in {}", name, Where(target));
    return {};
  }
  return app;
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
    if (PyCallable_Check(value) == 0) app = ResolveCallable(module, target, Text(value));
    if (app) found.push_back({Text(key), std::move(app)});
  }
  return found;
}

}  // namespace

AppTarget ParseModuleTarget(std::string_view text) {
  AppTarget target;
  const auto colon = text.find(':');
  target.place = text.substr(0, colon);
  if (colon != std::string_view::npos) ParseCallable(text.substr(colon + 1), target);
  return target;
}

AppTarget ParseMountTarget(std::string_view text) {
  AppTarget target;
  const auto colon = text.rfind(':');
  const bool has_script = colon != std::string_view::npos && IsScript(text.substr(0, colon));
  if (!has_script && !IsScript(text)) return ParseModuleTarget(text);
  target.is_file = true;
  target.place = has_script ? text.substr(0, colon) : text;
  if (has_script) ParseCallable(text.substr(colon + 1), target);
  return target;
}

std::vector<FoundApp> LoadTarget(const AppTarget& target, const std::string& default_callable,
                                 const std::string& mountpoint) {
  const Handle module = LoadModule(target);
  if (!module) {
    if (PyErr_Occurred() != nullptr) LogPythonError("cannot load " + Where(target));
    return {};
  }
  if (target.callable.empty()) {
    const Handle applications = FindApplications(module.get());
    if (applications) return LoadApplications(module.get(), applications.get(), target);
  }
  const std::string& name = target.callable.empty() ? default_callable : target.callable;
  std::vector<FoundApp> found;
  Handle app = ResolveCallable(module.get(), target, name);
  if (app) found.push_back({mountpoint, std::move(app)});
  return found;
}

void ImportQuietly(const std::string& name) {
  AppTarget target;
  target.is_file = name.find('/') != std::string::npos || EndsIn(name, ".py");
  target.place = name;
  if (!LoadModule(target) && PyErr_Occurred() != nullptr) {
    LogPythonError("cannot import " + Where(target));
  }
}

}  // namespace uwsgi::python
