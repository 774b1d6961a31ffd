// SPDX-License-Identifier: MIT
//
// The Python type of wsgi.input: argument parsing in front of InputStream.

#include "wsgi/input_stream.h"
#include "wsgi/python_type.h"

namespace uwsgi::wsgi {
namespace {

// The optional size argument of a read; None counts as absent. False with Python's
// error set.
bool SizeArgument(PyObject* const* args, Py_ssize_t count, Py_ssize_t& size) {
  size = -1;
  if (count > 1) {
    PyErr_SetString(PyExc_TypeError, "expected at most one argument");
    return false;
  }
  if (count == 0 || args[0] == Py_None) return true;
  size = PyNumber_AsSsize_t(args[0], PyExc_OverflowError);
  return size != -1 || PyErr_Occurred() == nullptr;
}

template <PyObject* (InputStream::*method)(Py_ssize_t)>
PyObject* WithSize(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  Py_ssize_t size = 0;
  if (!SizeArgument(args, count, size)) return nullptr;
  return (Unbox<InputStream>(self).*method)(size);
}

template <PyObject* (InputStream::*method)()>
PyObject* Without(PyObject* self, PyObject*) {
  return (Unbox<InputStream>(self).*method)();
}

PyObject* Next(PyObject* self) { return Unbox<InputStream>(self).NextLine(); }

PyObject* ReadIntoBuffer(PyObject* self, PyObject* buffer) {
  return Unbox<InputStream>(self).ReadInto(buffer);
}

PyObject* SeekTo(PyObject* self, PyObject* args) {
  Py_ssize_t offset = 0;
  int whence = 0;
  if (PyArg_ParseTuple(args, "n|i:seek", &offset, &whence) == 0) return nullptr;
  return Unbox<InputStream>(self).Seek(offset, whence);
}

PyObject* DoNothing(PyObject*, PyObject*) { Py_RETURN_NONE; }
PyObject* True(PyObject*, PyObject*) { Py_RETURN_TRUE; }
PyObject* False(PyObject*, PyObject*) { Py_RETURN_FALSE; }
PyObject* GetClosed(PyObject*, void*) { Py_RETURN_FALSE; }

template <typename Function>
PyCFunction AsMethod(Function* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

}  // namespace

python::Handle MakeInputType() {
  // Both tables are referred to by the type for as long as it lives.
  static PyMethodDef methods[] = {
      {"read", AsMethod(&WithSize<&InputStream::Read>), METH_FASTCALL, nullptr},
      {"readline", AsMethod(&WithSize<&InputStream::ReadLine>), METH_FASTCALL, nullptr},
      {"readlines", AsMethod(&WithSize<&InputStream::ReadLines>), METH_FASTCALL, nullptr},
      {"readinto", &ReadIntoBuffer, METH_O, nullptr},
      {"tell", &Without<&InputStream::Tell>, METH_NOARGS, nullptr},
      {"seek", &SeekTo, METH_VARARGS, nullptr},
      {"seekable", &Without<&InputStream::IsSeekable>, METH_NOARGS, nullptr},
      {"fileno", &Without<&InputStream::FileNumber>, METH_NOARGS, nullptr},
      {"close", &DoNothing, METH_NOARGS, nullptr},
      {"flush", &DoNothing, METH_NOARGS, nullptr},
      {"readable", &True, METH_NOARGS, nullptr},
      {"writable", &False, METH_NOARGS, nullptr},
      {"isatty", &False, METH_NOARGS, nullptr},
      {nullptr, nullptr, 0, nullptr}};
  static PyGetSetDef properties[] = {{"closed", &GetClosed, nullptr, nullptr, nullptr},
                                     {nullptr, nullptr, nullptr, nullptr, nullptr}};
  PyType_Slot slots[] = {{Py_tp_dealloc, AsSlot(&Unmake<InputStream>)},
                         {Py_tp_methods, methods},
                         {Py_tp_getset, properties},
                         {Py_tp_iter, AsSlot(&PyObject_SelfIter)},
                         {Py_tp_iternext, AsSlot(&Next)},
                         {0, nullptr}};
  return MakeType<InputStream>("uwsgi._Input", slots);
}

}  // namespace uwsgi::wsgi
