// SPDX-License-Identifier: MIT

#pragma once

#include <Python.h>

namespace uwsgi::wsgi {

// Raises what start_response() raises for a value of a wrong type: an exception that is a
// TypeError, as under uWSGI, and a ValueError, like its other complaints.
void RaiseHeaderTypeError(const char* message);

}  // namespace uwsgi::wsgi
