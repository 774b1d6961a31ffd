// SPDX-License-Identifier: MIT
//
// A C++ value inside of a Python object, for the few types that applications touch on
// every request.

#pragma once

#include <Python.h>

#include <new>
#include <utility>

#include "python/handle.h"

namespace uwsgi::wsgi {

// The object's memory: Python's header, then the value.
template <typename T>
struct Boxed {
  PyObject_HEAD T value;
};

template <typename T>
T& Unbox(PyObject* self) {
  return reinterpret_cast<Boxed<T>*>(self)->value;
}

// A new object of `type`, made by MakeType<T>, with a value constructed from `arguments`.
template <typename T, typename... Arguments>
python::Handle Box(PyObject* type, Arguments&&... arguments) {
  auto* boxed = PyObject_New(Boxed<T>, reinterpret_cast<PyTypeObject*>(type));
  if (boxed == nullptr) return {};
  new (&boxed->value) T(std::forward<Arguments>(arguments)...);
  return python::Handle::Steal(reinterpret_cast<PyObject*>(boxed));
}

template <typename T>
void Unmake(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Unbox<T>(self).~T();
  type->tp_free(self);
  Py_DECREF(type);
}

// A type that only Box() makes objects of. `slots` has Unmake<T> as Py_tp_dealloc and ends with {0,
// nullptr}. T holds no Python objects, so the collector has nothing to see.
template <typename T>
python::Handle MakeType(const char* name, PyType_Slot* slots) {
  PyType_Spec spec = {name, sizeof(Boxed<T>), 0, Py_TPFLAGS_DEFAULT, slots};
  auto type = python::Handle::Steal(PyType_FromSpec(&spec));
  if (type) reinterpret_cast<PyTypeObject*>(type.get())->tp_new = nullptr;
  return type;
}

template <typename Function>
void* AsSlot(Function* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace uwsgi::wsgi
