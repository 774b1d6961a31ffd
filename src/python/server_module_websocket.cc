// SPDX-License-Identifier: MIT

#include <string>

#include "python/handle.h"
#include "python/server_module_parts.h"

namespace py = pybind11;

namespace uwsgi::python {
namespace {

[[noreturn]] void RaiseOsError(const char* text) {
  PyErr_SetString(PyExc_OSError, text);
  throw py::error_already_set();
}

void Handshake(const py::object& key, const py::object& origin, const py::object& protocol) {
  Exchange& exchange = CurrentExchange();
  const std::string key_text = TextArgument(key);
  TextArgument(origin);  // For a field of a draft, which no client reads.
  const std::string protocol_text = TextArgument(protocol);
  if (!exchange.UpgradeToWebSocket(key_text, protocol_text)) {
    RaiseOsError("unable to complete websocket handshake");
  }
}

py::bytes Receive(bool wait) {
  WebSocket* const websocket = CurrentExchange().websocket();
  std::string message;
  if (websocket == nullptr || websocket->Receive(wait, message) == WebSocket::Received::kClosed) {
    RaiseOsError("unable to receive websocket message");
  }
  return py::bytes(message);
}

void Send(bool is_text, const py::object& message) {
  WebSocket* const websocket = CurrentExchange().websocket();
  std::string text;
  std::string_view bytes;
  if (PyBytes_Check(message.ptr()) != 0) {
    bytes = BytesView(message.ptr());
  } else {
    text = TextArgument(message);
    bytes = text;
  }
  if (websocket == nullptr || !websocket->Send(is_text, bytes)) {
    RaiseOsError("unable to send websocket message");
  }
}

}  // namespace

void BindWebSocket(py::module_& module) {
  module.def("websocket_handshake", &Handshake, py::arg("key") = "", py::arg("origin") = "",
             py::arg("protocol") = "");
  module.def("websocket_recv", [] { return Receive(true); });
  module.def("websocket_recv_nb", [] { return Receive(false); });
  module.def("websocket_send", [](const py::object& message) { Send(true, message); });
  module.def("websocket_send_binary", [](const py::object& message) { Send(false, message); });
}

}  // namespace uwsgi::python
