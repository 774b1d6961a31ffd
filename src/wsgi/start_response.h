// SPDX-License-Identifier: MIT
//
// The `start_response` that an application is called with, and the `write` that it
// returns.

#pragma once

#include <Python.h>

#include "python/handle.h"
#include "wsgi/response.h"

namespace uwsgi::wsgi {

// The types of both callables; empty handles with Python's error set on failure.
python::Handle MakeStartResponseType();
python::Handle MakeWriteType();

// A pair of callables for one request. Kept for the next one if the application kept
// neither.
class ResponseCallables {
 public:
  // `write_type` and `type` come from the functions above and outlive the callables.
  ResponseCallables(PyObject* type, PyObject* write_type) : type_(type), write_type_(write_type) {}

  // Points the callables at `response`. False with Python's error set.
  bool Begin(Response& response);
  // Detaches them: what the application kept raises from now on.
  void End();

  // Borrowed.
  PyObject* start_response() const { return start_response_.get(); }

 private:
  PyObject* type_;        // Borrowed.
  PyObject* write_type_;  // Borrowed.
  python::Handle start_response_;
  python::Handle write_;
};

}  // namespace uwsgi::wsgi
