// SPDX-License-Identifier: MIT

#pragma once

#include <Python.h>

#include <gtest/gtest.h>

#include <string>

#include "python/error_text.h"
#include "python/handle.h"
#include "python/interpreter.h"

namespace uwsgi::python {

// The one interpreter of the test binary, started when a test first needs it. The main thread
// keeps the GIL.
inline Interpreter& Session() {
  static auto* const interpreter = [] {
    auto* made = new Interpreter();
    const auto started = made->Start({});
    if (!started) ADD_FAILURE() << started.error().message;
    return made;
  }();
  return *interpreter;
}

// Runs statements and returns their namespace.
inline Handle RunPython(const std::string& source) {
  Session();
  Handle names = Handle::Steal(PyDict_New());
  PyDict_SetItemString(names.get(), "__builtins__", PyEval_GetBuiltins());
  const Handle done =
      Handle::Steal(PyRun_String(source.c_str(), Py_file_input, names.get(), names.get()));
  if (!done) ADD_FAILURE() << TakeErrorText();
  return names;
}

// repr() of an expression, or the exception's last line.
inline std::string Eval(const std::string& expression, PyObject* names = nullptr) {
  Session();
  const Handle own = Handle::Steal(PyDict_New());
  if (names == nullptr) {
    names = own.get();
    PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins());
  }
  const Handle value = Handle::Steal(PyRun_String(expression.c_str(), Py_eval_input, names, names));
  const Handle text = value ? Handle::Steal(PyObject_Repr(value.get())) : Handle();
  if (text) return PyUnicode_AsUTF8(text.get());
  const std::string error = TakeErrorText();
  return error.substr(error.rfind('\n') + 1);
}

}  // namespace uwsgi::python
