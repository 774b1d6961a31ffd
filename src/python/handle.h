// SPDX-License-Identifier: MIT
//
// An owning handle on a Python object, and the few C API calls whose name or
// availability changed between 3.8 and 3.14.
//
// Everything here needs the execution right (the GIL).

#pragma once

#include <Python.h>

#include <string_view>
#include <utility>

namespace uwsgi::python {

// Owns one reference, or none. A failed C API call gives an empty handle and leaves
// Python's error set, as the C API does.
class Handle {
 public:
  Handle() = default;
  ~Handle() { Py_XDECREF(object_); }
  Handle(Handle&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    PyObject* old = std::exchange(object_, std::exchange(other.object_, nullptr));
    Py_XDECREF(old);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  // Takes over a new reference; null is allowed.
  static Handle Steal(PyObject* object) { return Handle(object); }
  // Adds a reference to a borrowed one; null is allowed.
  static Handle Share(PyObject* object) {
    Py_XINCREF(object);
    return Handle(object);
  }

  PyObject* get() const { return object_; }
  [[nodiscard]] PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  explicit Handle(PyObject* object) : object_(object) {}

  PyObject* object_ = nullptr;
};

// A str of these latin-1 bytes: the strings of PEP 3333.
inline Handle Latin1(std::string_view text) {
  return Handle::Steal(
      PyUnicode_DecodeLatin1(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr));
}

inline Handle Bytes(std::string_view text) {
  return Handle::Steal(
      PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}

// A str of a path or other text of the operating system.
inline Handle FsText(std::string_view text) {
  return Handle::Steal(
      PyUnicode_DecodeFSDefaultAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}

inline std::string_view BytesView(PyObject* bytes) {
  return {PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes))};
}

// The attribute, or an empty handle without an error when there is none. An empty handle
// with an error is a failure of the lookup itself.
inline Handle OptionalAttr(PyObject* object, PyObject* name) {
  PyObject* value = nullptr;
#if PY_VERSION_HEX >= 0x030D0000
  PyObject_GetOptionalAttr(object, name, &value);
#else
  _PyObject_LookupAttr(object, name, &value);
#endif
  return Handle::Steal(value);
}

inline Handle OptionalAttr(PyObject* object, const char* name) {
  const Handle text = Handle::Steal(PyUnicode_FromString(name));
  return text ? OptionalAttr(object, text.get()) : Handle();
}

#if PY_VERSION_HEX < 0x03090000
inline constexpr auto kHaveVectorcall = _Py_TPFLAGS_HAVE_VECTORCALL;
#else
inline constexpr auto kHaveVectorcall = Py_TPFLAGS_HAVE_VECTORCALL;
#endif

inline PyObject* Vectorcall(PyObject* callable, PyObject* const* args, std::size_t count) {
#if PY_VERSION_HEX < 0x03090000
  return _PyObject_Vectorcall(callable, args, count, nullptr);
#else
  return PyObject_Vectorcall(callable, args, count, nullptr);
#endif
}

// True when nobody else refers to the object, so that it may be used for something new.
inline bool IsOnlyReference(const Handle& object) {
#ifdef Py_GIL_DISABLED
  // Another thread's references are counted elsewhere.
  static_cast<void>(object);
  return false;
#else
  return Py_REFCNT(object.get()) == 1;
#endif
}

// Lets go of the execution right for a scope that waits.
class ReleaseGil {
 public:
  ReleaseGil() : state_(PyEval_SaveThread()) {}
  ~ReleaseGil() { PyEval_RestoreThread(state_); }
  ReleaseGil(const ReleaseGil&) = delete;
  ReleaseGil& operator=(const ReleaseGil&) = delete;

 private:
  PyThreadState* state_;
};

}  // namespace uwsgi::python
