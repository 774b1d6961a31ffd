// SPDX-License-Identifier: MIT
//
// Columns: group, name, aliases, short flag, metavar, field, help, traits, implied value.

#include "websocket/options.h"

#include "options/option_spec.h"

namespace uwsgi::config {
namespace {

constexpr OptionSpec kRows[] = {
    {Group::kRequests, "websocket-ping-freq", "websockets-ping-freq", 0, "SECONDS",
     To<&WebSocketOptions::ping_freq>(),
     "Pings the client of a websocket that has sent nothing for so long; 0 turns it off."},
    {Group::kRequests, "websocket-pong-tolerance", "websockets-pong-tolerance", 0, "SECONDS",
     To<&WebSocketOptions::pong_tolerance>(),
     "How long the client may take to answer; a later one is dropped. 0 waits for ever."},
    {Group::kRequests, "websocket-max-size", "websockets-max-size", 0, "KIB",
     InKibibytes<&WebSocketOptions::max_size>(),
     "Limit of a message of a websocket in KiB; a larger one closes it with 1009."},
    {Group::kRequests, "websocket-deflate", "", 0, "", To<&WebSocketOptions::deflate>(),
     "Compresses the messages of websockets (permessage-deflate) where the client offers it."},
};

}  // namespace

OptionRows WebSocketRows() { return kRows; }

}  // namespace uwsgi::config
