// SPDX-License-Identifier: MIT
//
// Sends what an application returned.

#pragma once

#include <Python.h>

#include <string_view>
#include <vector>

#include "wsgi/response.h"

namespace uwsgi::wsgi {

// One per core: keeps its memory from request to request.
class BodySender {
 public:
  // `file_wrapper` is the class, borrowed. With `strict` every piece must be bytes.
  BodySender(PyObject* file_wrapper, bool strict) : file_wrapper_(file_wrapper), strict_(strict) {}

  // Sends the whole body. Lists and tuples go out as one piece, other iterables piece by
  // piece, wrapped regular files without being read. Ends early when the peer is gone.
  // False with Python's error set when the application failed.
  //
  // A piece that is neither bytes nor another buffer is logged and left out, as uWSGI does,
  // because there are applications that yield None; with `strict` it is a TypeError.
  bool Send(PyObject* result, Response& response);

 private:
  // Whether `result` was a list or tuple of bytes, and so has been sent.
  enum class Outcome { kSent, kFailed, kNotSimple };
  Outcome SendSequence(PyObject* result, Response& response);
  bool SendFile(PyObject* result, Response& response, bool& sent);
  bool SendIterable(PyObject* result, Response& response);
  bool SendPiece(PyObject* piece, Response& response);
  bool Refuse(PyObject* piece) const;

  PyObject* file_wrapper_;
  const bool strict_;
  std::vector<std::string_view> pieces_;
};

}  // namespace uwsgi::wsgi
