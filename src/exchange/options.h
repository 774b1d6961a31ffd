// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/quantities.h"
#include "options/rows.h"
#include "protocol/response_head.h"

namespace uwsgi {

// Limits and times of a request and its response.
struct RequestOptions {
  ByteCount buffer_size{65535};   // Limit of a vars block or HTTP head.
  std::uint64_t max_vars = 1024;  // Variables of one request.
  ByteCount limit_post{0};        // 0: no limit.
  // A body is kept in memory up to this before a thread is taken; what is more goes to a file, of
  // all bodies of a worker together up to body_spool, or streams.
  ByteCount body_buffer{1 << 20};
  ByteCount body_spool{1 << 30};
  ByteCount body_min_rate{500};  // Bytes a second; 0: none.
  // What a client has not taken yet of its response goes to a file up to this size.
  ByteCount response_buffer{64 << 20};
  ByteCount post_buffering{0};  // Larger bodies go to a file; 0 turns that off.
  std::string post_buffering_dir;
  std::chrono::seconds socket_timeout{60};  // Of body reads and response writes, per wait.
  std::chrono::seconds http_timeout{0};     // Per wait on HTTP sockets; 0: socket_timeout.
  std::chrono::seconds head_timeout{30};    // For the whole head, from accept.
  std::chrono::seconds http_keepalive{75};  // Idle time between requests; 0 turns keep-alive off.
  std::vector<protocol::AddedField> add_header;
};

namespace config {
OptionRows RequestRows();
OptionRows HeaderRows();
}  // namespace config

}  // namespace uwsgi
