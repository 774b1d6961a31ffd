// SPDX-License-Identifier: MIT
//
// Everything that one core (one request at a time) keeps from request to request.

#pragma once

#include "python/handle.h"
#include "wsgi/body_sender.h"
#include "wsgi/environ_builder.h"
#include "wsgi/file_wrapper.h"
#include "wsgi/input_stream.h"
#include "wsgi/python_type.h"
#include "wsgi/response.h"
#include "wsgi/start_response.h"

namespace uwsgi::wsgi {

// The Python types and names that all cores share. Immutable once made.
struct GatewayTypes {
  python::Handle start_response;
  python::Handle write;
  python::Handle input;
  python::Handle file_wrapper;
  python::Handle input_key;       // "wsgi.input"
  python::Handle terminated_key;  // "wsgi.input_terminated"
  python::Handle script_name_key;
  python::Handle path_info_key;
  python::Handle close_name;
  KeyTable keys;
};

class RequestState {
 public:
  // `types` outlives the state.
  RequestState(const GatewayTypes& types, python::Handle base_environ, std::size_t header_limit,
               bool strict)
      : environ(types.keys, std::move(base_environ)),
        response(header_limit),
        callables(types.start_response.get(), types.write.get()),
        sender(types.file_wrapper.get(), strict),
        input_type_(types.input.get()) {}

  // False with Python's error set.
  bool Begin(Exchange& exchange) {
    response.Begin(exchange);
    if (input) {
      Unbox<InputStream>(input.get()).Begin(exchange);
    } else {
      input = Box<InputStream>(input_type_, exchange);
    }
    return input && callables.Begin(response);
  }

  // Whatever the application kept of this request is dead from here on.
  void End() {
    response.End();
    callables.End();
    if (!input) return;
    Unbox<InputStream>(input.get()).End();
    if (!python::IsOnlyReference(input)) input = {};
  }

  EnvironBuilder environ;
  Response response;
  ResponseCallables callables;
  BodySender sender;
  python::Handle input;  // The object of wsgi.input.

 private:
  PyObject* input_type_;  // Borrowed.
};

}  // namespace uwsgi::wsgi
