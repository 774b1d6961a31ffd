// SPDX-License-Identifier: MIT

#pragma once

#include <string>
#include <string_view>

namespace uwsgi {

// One websocket, as an application uses it. Used by the thread that runs the application, with the
// execution right held; it is let go while a call waits. What the protocol itself demands (pings,
// pongs, the closing handshake) happens without the application.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  enum class Received {
    kMessage,
    kNothing,  // Only without waiting.
    kClosed,   // Nothing will ever come.
  };
  // The next message, text or binary.
  virtual Received Receive(bool wait, std::string& message) = 0;
  // Sends one message. False once the websocket is closed, or the client takes nothing for
  // socket-timeout.
  virtual bool Send(bool is_text, std::string_view message) = 0;
};

}  // namespace uwsgi
