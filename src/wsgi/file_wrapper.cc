// SPDX-License-Identifier: MIT

#include "wsgi/file_wrapper.h"

#include <structmember.h>
#include <sys/stat.h>

#include <cstddef>

#include "wsgi/python_type.h"

namespace uwsgi::wsgi {
namespace {

using python::Handle;

struct FileWrapper {
  PyObject_HEAD PyObject* file;  // Owned; null only before __init__.
  Py_ssize_t block_size;
};

FileWrapper* Self(PyObject* object) { return reinterpret_cast<FileWrapper*>(object); }

int Init(PyObject* self, PyObject* args, PyObject* kwargs) {
  PyObject* file = nullptr;
  Py_ssize_t block_size = 8192;
  static const char* names[] = {"filelike", "blksize", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, kwargs, "O|n:FileWrapper", const_cast<char**>(names), &file,
                                  &block_size) == 0) {
    return -1;
  }
  Py_INCREF(file);
  Py_XSETREF(Self(self)->file, file);
  Self(self)->block_size = block_size > 0 ? block_size : 8192;
  return 0;
}

int Traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Self(self)->file);
#if PY_VERSION_HEX >= 0x03090000
  Py_VISIT(Py_TYPE(self));
#endif
  return 0;
}

int Clear(PyObject* self) {
  Py_CLEAR(Self(self)->file);
  return 0;
}

void Dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

bool IsReady(PyObject* self) {
  if (Self(self)->file != nullptr) return true;
  PyErr_SetString(PyExc_ValueError, "the file wrapper has no file");
  return false;
}

PyObject* Next(PyObject* self) {
  if (!IsReady(self)) return nullptr;
  Handle block =
      Handle::Steal(PyObject_CallMethod(Self(self)->file, "read", "n", Self(self)->block_size));
  if (!block) return nullptr;
  const int more = PyObject_IsTrue(block.get());
  return more > 0 ? block.release() : nullptr;
}

PyObject* Close(PyObject* self, PyObject*) {
  if (!IsReady(self)) return nullptr;
  const Handle close = python::OptionalAttr(Self(self)->file, "close");
  if (close) return PyObject_CallObject(close.get(), nullptr);
  if (PyErr_Occurred() != nullptr) return nullptr;
  Py_RETURN_NONE;
}

bool IsExactly(PyObject* object, const char* module, const char* name) {
  const Handle owner = Handle::Steal(PyImport_ImportModule(module));
  const Handle type = owner ? python::OptionalAttr(owner.get(), name) : Handle();
  return type && reinterpret_cast<PyObject*>(Py_TYPE(object)) == type.get();
}

// Whether `object` reads as this class of _io does: it is one, or of a subclass that leaves
// `read` alone. Another subclass may read something else than its descriptor holds.
bool ReadsAs(PyObject* object, const char* name) {
  const Handle owner = Handle::Steal(PyImport_ImportModule("_io"));
  const Handle type = owner ? python::OptionalAttr(owner.get(), name) : Handle();
  if (!type || PyObject_IsInstance(object, type.get()) != 1) return false;
  const Handle own = python::OptionalAttr(reinterpret_cast<PyObject*>(Py_TYPE(object)), "read");
  const Handle inherited = python::OptionalAttr(type.get(), "read");
  return own && own.get() == inherited.get();
}

// The io.FileIO that `file` reads byte for byte, or an empty handle.
Handle RawFile(PyObject* file, int depth) {
  if (ReadsAs(file, "FileIO")) return Handle::Share(file);
  if (ReadsAs(file, "BufferedReader") || ReadsAs(file, "BufferedRandom")) {
    const Handle raw = python::OptionalAttr(file, "raw");
    return raw && ReadsAs(raw.get(), "FileIO") ? Handle::Share(raw.get()) : Handle();
  }
  // Wrappers that pass `read` on unchanged: tempfile's, Django's File.
  const Handle inner = depth > 0 ? python::OptionalAttr(file, "file") : Handle();
  if (!inner) return {};
  if (!IsExactly(file, "tempfile", "_TemporaryFileWrapper")) {
    const Handle outer_read = python::OptionalAttr(file, "read");
    const Handle inner_read = python::OptionalAttr(inner.get(), "read");
    if (!outer_read || !inner_read ||
        PyObject_RichCompareBool(outer_read.get(), inner_read.get(), Py_EQ) != 1) {
      return {};
    }
  }
  return RawFile(inner.get(), depth - 1);
}

std::optional<long long> CallForNumber(PyObject* object, const char* method) {
  const Handle result = Handle::Steal(PyObject_CallMethod(object, method, nullptr));
  const long long number = result ? PyLong_AsLongLong(result.get()) : -1;
  if (number < 0) return std::nullopt;
  return number;
}

}  // namespace

Handle MakeFileWrapperType() {
  // Both tables are referred to by the type for as long as it lives.
  static PyMethodDef methods[] = {{"close", &Close, METH_NOARGS, nullptr},
                                  {nullptr, nullptr, 0, nullptr}};
  static PyMemberDef members[] = {
      {"file", T_OBJECT, offsetof(FileWrapper, file), READONLY, nullptr},
      {"filelike", T_OBJECT, offsetof(FileWrapper, file), READONLY, nullptr},
      {"blksize", T_PYSSIZET, offsetof(FileWrapper, block_size), READONLY, nullptr},
      {nullptr, 0, 0, 0, nullptr}};
  PyType_Slot slots[] = {{Py_tp_new, AsSlot(&PyType_GenericNew)},
                         {Py_tp_init, AsSlot(&Init)},
                         {Py_tp_dealloc, AsSlot(&Dealloc)},
                         {Py_tp_traverse, AsSlot(&Traverse)},
                         {Py_tp_clear, AsSlot(&Clear)},
                         {Py_tp_methods, methods},
                         {Py_tp_members, members},
                         {Py_tp_iter, AsSlot(&PyObject_SelfIter)},
                         {Py_tp_iternext, AsSlot(&Next)},
                         {0, nullptr}};
  PyType_Spec spec = {"uwsgi.FileWrapper", sizeof(FileWrapper), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
  return Handle::Steal(PyType_FromSpec(&spec));
}

std::optional<FileRange> RegularFileOf(PyObject* wrapper) {
  PyObject* file = Self(wrapper)->file;
  if (file == nullptr) return std::nullopt;
  std::optional<FileRange> range;
  const Handle raw = RawFile(file, 2);
  if (raw) {
    const auto fd = CallForNumber(raw.get(), "fileno");
    // The outer object knows what it has buffered.
    const auto offset = CallForNumber(file, "tell");
    struct stat status {};
    if (fd && offset && ::fstat(static_cast<int>(*fd), &status) == 0 && S_ISREG(status.st_mode)) {
      const auto size = static_cast<std::uint64_t>(status.st_size);
      const auto start = static_cast<std::uint64_t>(*offset);
      range = FileRange{static_cast<int>(*fd), start, size > start ? size - start : 0};
    }
  }
  PyErr_Clear();  // Whatever could not be found out, reading will tell.
  return range;
}

}  // namespace uwsgi::wsgi
