// SPDX-License-Identifier: MIT
//
// `wsgi.input`: a binary stream over a RequestBody that behaves as io.BytesIO does, for as
// long as its request lasts.
//
// A body that the client cut short, or that breaks its coding, is an OSError; a stream
// whose request has ended raises ValueError. A thread of the application may read while
// the thread of the request does not: reads exclude each other.

#pragma once

#include <Python.h>

#include <cstddef>
#include <mutex>
#include <string>

#include "python/handle.h"
#include "uwsgi/gateway.h"

namespace uwsgi::wsgi {

// The C++ value of the Python object. Methods need the GIL and return a new reference, or
// null with Python's error set.
class InputStream {
 public:
  explicit InputStream(Exchange& exchange) : exchange_(&exchange) {}
  InputStream(const InputStream&) = delete;
  InputStream& operator=(const InputStream&) = delete;

  // Takes the stream for another request, when nobody else has it.
  void Begin(Exchange& exchange);
  // Waits for a read of another thread to end, then detaches the stream for good.
  void End();

  // Negative sizes mean "all of it", as in io.
  PyObject* Read(Py_ssize_t size);
  PyObject* ReadLine(Py_ssize_t size);
  PyObject* ReadLines(Py_ssize_t hint);
  PyObject* NextLine();  // Null without an error at the end.
  PyObject* ReadInto(PyObject* buffer);
  PyObject* Tell();
  PyObject* Seek(Py_ssize_t offset, int whence);
  PyObject* FileNumber();
  PyObject* IsSeekable();

 private:
  // The stream's use by one thread: false with Python's error set when the request has
  // ended or another thread reads.
  class Turn;

  PyObject* ReadInTurn(std::size_t limit, const char* what);
  PyObject* ReadLineInTurn(std::size_t limit);
  // Reads ahead. False with Python's error set; an empty `ahead()` afterwards is the end.
  bool Fill();
  // Reads into memory; the count, or -1 with Python's error set.
  Py_ssize_t ReadSome(char* into, std::size_t size, const char* what, long long requested);
  std::string_view ahead() const { return std::string_view(buffer_).substr(taken_); }

  Exchange* exchange_;     // Null once the request has ended.
  std::string buffer_;     // Read ahead for lines.
  std::size_t taken_ = 0;  // Bytes of it that were given out.
  std::mutex reading_;     // Held through a read, also while it waits without the GIL.
};

python::Handle MakeInputType();

}  // namespace uwsgi::wsgi
