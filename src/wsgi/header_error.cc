// SPDX-License-Identifier: MIT

#include "wsgi/header_error.h"

#include "python/handle.h"

namespace uwsgi::wsgi {

void RaiseHeaderTypeError(const char* message) {
  // Made for each complaint: an application that breaks the rules may be slow, and a type
  // in a static would outlive its interpreter.
  const auto bases = python::Handle::Steal(PyTuple_Pack(2, PyExc_TypeError, PyExc_ValueError));
  const auto type =
      bases
          ? python::Handle::Steal(PyErr_NewException("uwsgi.HeaderTypeError", bases.get(), nullptr))
          : python::Handle();
  if (type) PyErr_SetString(type.get(), message);
}

}  // namespace uwsgi::wsgi
