// SPDX-License-Identifier: MIT
//
// Which request the calling thread serves: what the request-bound functions of the
// `uwsgi` module act on.

#pragma once

#include <Python.h>

#include "uwsgi/gateway.h"

namespace uwsgi::python {

struct CurrentRequest {
  Exchange* exchange = nullptr;
  PyObject* environ = nullptr;  // Borrowed from the gateway for the time of the call.
};

// The calling thread's request, with null members outside of one.
CurrentRequest& ThisThreadsRequest();

// Makes `exchange` the calling thread's request for a scope.
class CurrentRequestScope {
 public:
  explicit CurrentRequestScope(Exchange& exchange) { ThisThreadsRequest() = {&exchange, nullptr}; }
  ~CurrentRequestScope() { ThisThreadsRequest() = {}; }
  CurrentRequestScope(const CurrentRequestScope&) = delete;
  CurrentRequestScope& operator=(const CurrentRequestScope&) = delete;
};

// Makes a dict the request's environ for a scope, inside of a CurrentRequestScope.
class CurrentEnvironScope {
 public:
  explicit CurrentEnvironScope(PyObject* shown) { ThisThreadsRequest().environ = shown; }
  ~CurrentEnvironScope() { ThisThreadsRequest().environ = nullptr; }
  CurrentEnvironScope(const CurrentEnvironScope&) = delete;
  CurrentEnvironScope& operator=(const CurrentEnvironScope&) = delete;
};

}  // namespace uwsgi::python
