// SPDX-License-Identifier: MIT

#include "wsgi/start_response.h"

#include <cstddef>
#include <cstring>

#include "wsgi/python_type.h"

namespace uwsgi::wsgi {
namespace {

using python::Handle;

struct StartResponse {
  vectorcallfunc call;
  Response* response;  // Outlives the object; see ResponseCallables.
  PyObject* write;     // Borrowed from the pair.
};

struct Write {
  vectorcallfunc call;
  Response* response;  // Outlives the object.
};

// Puts keyword arguments where they belong. False with Python's error set.
bool PlaceKeywords(PyObject* const* values, PyObject* names, PyObject** arguments) {
  for (Py_ssize_t i = 0; names != nullptr && i < PyTuple_GET_SIZE(names); ++i) {
    const char* name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i));
    if (name == nullptr) return false;
    int place = -1;
    if (std::strcmp(name, "status") == 0) place = 0;
    if (std::strcmp(name, "headers") == 0 || std::strcmp(name, "response_headers") == 0) place = 1;
    if (std::strcmp(name, "exc_info") == 0) place = 2;
    if (place < 0 || arguments[place] != nullptr) {
      PyErr_Format(PyExc_TypeError, "start_response() got an unexpected argument '%s'", name);
      return false;
    }
    arguments[place] = values[i];
  }
  return true;
}

PyObject* CallStartResponse(PyObject* self, PyObject* const* args, std::size_t nargsf,
                            PyObject* kwnames) {
  const Py_ssize_t count = PyVectorcall_NARGS(nargsf);
  PyObject* arguments[3] = {};
  if (count > 3) {
    PyErr_SetString(PyExc_TypeError, "start_response() takes at most 3 arguments");
    return nullptr;
  }
  for (Py_ssize_t i = 0; i < count; ++i) arguments[i] = args[i];
  if (kwnames != nullptr && !PlaceKeywords(args + count, kwnames, arguments)) return nullptr;
  if (arguments[0] == nullptr || arguments[1] == nullptr) {
    PyErr_SetString(PyExc_TypeError, "start_response() takes at least 2 arguments");
    return nullptr;
  }
  const StartResponse& callable = Unbox<StartResponse>(self);
  if (callable.response == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "start_response() was called after its request ended");
    return nullptr;
  }
  if (!callable.response->Start(arguments[0], arguments[1], arguments[2])) return nullptr;
  Py_INCREF(callable.write);
  return callable.write;
}

PyObject* CallWrite(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* kwnames) {
  if (PyVectorcall_NARGS(nargsf) != 1 || kwnames != nullptr) {
    PyErr_SetString(PyExc_TypeError, "write() takes exactly one argument");
    return nullptr;
  }
  Response* response = Unbox<Write>(self).response;
  if (response == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "write() was called after its request ended");
    return nullptr;
  }
  if (!response->WriteFromApp(args[0])) return nullptr;
  Py_RETURN_NONE;
}

// PyType_FromSpec learned about the vectorcall offset only in 3.9.
template <typename T>
Handle MakeVectorcallType(const char* name) {
  PyType_Slot slots[] = {
      {Py_tp_dealloc, AsSlot(&Unmake<T>)}, {Py_tp_call, AsSlot(&PyVectorcall_Call)}, {0, nullptr}};
  Handle made = MakeType<T>(name, slots);
  if (made) {
    auto* type = reinterpret_cast<PyTypeObject*>(made.get());
    type->tp_vectorcall_offset = offsetof(Boxed<T>, value) + offsetof(T, call);
    type->tp_flags |= python::kHaveVectorcall;
  }
  return made;
}

}  // namespace

Handle MakeStartResponseType() { return MakeVectorcallType<StartResponse>("uwsgi.StartResponse"); }
Handle MakeWriteType() { return MakeVectorcallType<Write>("uwsgi.Write"); }

bool ResponseCallables::Begin(Response& response) {
  if (!write_) write_ = Box<Write>(write_type_, Write{&CallWrite, nullptr});
  if (!write_) return false;
  if (!start_response_) {
    start_response_ =
        Box<StartResponse>(type_, StartResponse{&CallStartResponse, nullptr, write_.get()});
  }
  if (!start_response_) return false;
  Unbox<Write>(write_.get()).response = &response;
  Unbox<StartResponse>(start_response_.get()).response = &response;
  return true;
}

void ResponseCallables::End() {
  if (!write_ || !start_response_) return;
  Unbox<Write>(write_.get()).response = nullptr;
  StartResponse& callable = Unbox<StartResponse>(start_response_.get());
  callable.response = nullptr;
  if (python::IsOnlyReference(write_) && python::IsOnlyReference(start_response_)) return;
  // Without a response it never touches `write` again.
  callable.write = nullptr;
  start_response_ = {};
  write_ = {};
}

}  // namespace uwsgi::wsgi
