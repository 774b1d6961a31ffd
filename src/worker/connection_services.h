// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "compression/compressor.h"
#include "compression/options.h"
#include "exchange/body_stream.h"
#include "exchange/dropped_headers.h"
#include "exchange/head_reader.h"
#include "exchange/held_responses.h"
#include "exchange/options.h"
#include "exchange/wire_protocol.h"
#include "net/options.h"
#include "net/peer_policy.h"
#include "net/spool_file.h"
#include "protocol/response_head.h"
#include "static_files/app_files.h"
#include "static_files/compressed_files.h"
#include "static_files/static_files.h"
#include "tls/server_context.h"
#include "uwsgi/listener.h"
#include "websocket/options.h"

namespace uwsgi {

// What the connections of a worker share: composed once, and the same for all of them. The loop
// owner's, except for what is any thread's by itself.
struct ConnectionServices {
  // All of it outlives the services.
  struct Parts {
    const RequestOptions& options;
    const PeerOptions& peers;
    const CompressionOptions& compression;
    const WebSocketOptions& websockets;
    const std::vector<Listener>& listeners;
    const StaticFiles& static_files;
    const AppFiles& app_files;
    const tls::ServerContexts& tls;
    NotedNames& noted_headers;
  };
  // `compress_soon` is called when CompressedFiles::Work is due, by the loop's owner.
  ConnectionServices(const Parts& parts, std::function<void()> compress_soon);
  ConnectionServices(const ConnectionServices&) = delete;
  ConnectionServices& operator=(const ConnectionServices&) = delete;

  const RequestOptions& options;
  const WebSocketOptions& websockets;
  const StaticFiles& static_files;
  const AppFiles* const app_files;  // Null: applications can not answer with the name of a file.
  const tls::ServerContexts& tls;
  const PeerPolicy peer_policy;
  const std::string hostname;
  const DroppedHeaders dropped_headers;
  const HeadReader::Context heads;
  const std::string https_port;  // Of the first socket with TLS; empty if it is the usual one.
  const protocol::ExtraFields extra_fields;
  SpoolRoom spool_room;
  std::atomic<bool> threads_wanted{false};  // Somebody waits for a thread, and there is none.
  const BodyLimits body_limits;
  const SpoolLimits spool_limits;
  compression::Compressor compressor;
  CompressedFiles compressed_files;
  OpenRoots static_roots;  // Of this turn of the loop.
  HeldResponses held;

  // How long a client may make no progress with a body or a response.
  std::chrono::milliseconds progress_timeout(const WireProtocol& wire) const;
};

}  // namespace uwsgi
