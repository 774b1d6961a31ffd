// SPDX-License-Identifier: MIT

#include <string_view>

#include "base/app_fork.h"
#include "os/peer.h"
#include "python/current_request.h"
#include "python/server_module_parts.h"

namespace py = pybind11;

namespace uwsgi::python {
namespace {

constexpr std::size_t kLogVarLimit = 255;

// Null outside of a request. What the application forks in one has none.
Exchange* ExchangeOrNull() { return IsAppFork() ? nullptr : ThisThreadsRequest().exchange; }

void SetLogVar(const py::object& name, const py::object& value) {
  Exchange& exchange = CurrentExchange();
  const std::string text = TextArgument(value);
  exchange.SetLogVar(TextArgument(name), std::string_view(text).substr(0, kLogVarLimit));
}

py::object GetLogVar(const py::object& name) {
  const std::string_view value = CurrentExchange().LogVar(TextArgument(name));
  if (value.empty()) return py::none();
  return py::bytes(std::string(value));
}

bool IsConnected(const py::object& fd) {
  Exchange* exchange = ExchangeOrNull();
  if (fd.is_none()) return CurrentExchange().IsConnected();
  const int number = fd.cast<int>();
  // The exchange knows of bytes that the server has already taken from the socket.
  if (exchange != nullptr && exchange->connection_fd() == number) return exchange->IsConnected();
  return os::PeerIsThere(number);
}

// uwsgi.env is this thread's environ, and is not there at all with several threads: it could be
// anybody's then.
py::object ModuleGetAttr(const std::string& name, bool has_env) {
  PyObject* environ = ThisThreadsRequest().environ;
  if (name == "env" && has_env && environ != nullptr) {
    return py::reinterpret_borrow<py::object>(environ);
  }
  throw py::attribute_error("module 'uwsgi' has no attribute '" + name + "'");
}

}  // namespace

// The calling thread's exchange. uWSGI's very words: logging filters catch this error.
Exchange& CurrentExchange() {
  Exchange* exchange = ExchangeOrNull();
  if (exchange == nullptr) {
    PyErr_SetString(PyExc_SystemError,
                    "you can call uwsgi api function only from the main callable");
    throw py::error_already_set();
  }
  return *exchange;
}

void BindRequest(py::module_& module, const ServerControl& control) {
  module.def("request_id", [] { return CurrentExchange().request().id; });
  module.def("connection_fd", [] { return CurrentExchange().connection_fd(); });
  module.def("cl", [] { return CurrentExchange().request().content_length.value_or(0); });
  module.def("set_logvar", &SetLogVar);
  module.def("get_logvar", &GetLogVar);
  module.def("log_this_request", [] { CurrentExchange().ForceLog(); });
  module.def("disconnect", [] { CurrentExchange().Disconnect(); });
  module.def("is_connected", &IsConnected, py::arg("fd") = py::none());
  // Gives other threads a turn, which is all that suspending means with threads.
  module.def("suspend", [] {
    CurrentExchange();
    const py::gil_scoped_release release;
    return true;
  });
  const bool has_env = control.threads() < 2;
  module.def("__getattr__",
             [has_env](const std::string& name) { return ModuleGetAttr(name, has_env); });
}

}  // namespace uwsgi::python
