// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>

#include "base/quantities.h"
#include "options/rows.h"

namespace uwsgi {

struct WebSocketOptions {
  std::chrono::seconds ping_freq{30};      // Without a byte from the client; 0: no pings.
  std::chrono::seconds pong_tolerance{3};  // For a byte after a ping; 0: for ever.
  ByteCount max_size{1 << 20};             // Of a message, as the application gets it.
  bool deflate = false;                    // permessage-deflate, where the client offers it.
};

namespace config {
OptionRows WebSocketRows();
}  // namespace config

}  // namespace uwsgi
