// SPDX-License-Identifier: MIT

#include "exchange/wire_protocol.h"

#include "exchange/http_wire.h"
#include "exchange/uwsgi_wire.h"

namespace uwsgi {

const WireProtocol& ProtocolOf(Wire wire) {
  static const UwsgiWire uwsgi;
  static const HttpWire http;
  switch (wire) {
    case Wire::kUwsgi:
      return uwsgi;
    case Wire::kHttp:
      break;
  }
  return http;
}

}  // namespace uwsgi
