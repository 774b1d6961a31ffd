// SPDX-License-Identifier: MIT

#include "worker/connection_services.h"

#include <algorithm>
#include <utility>

#include "base/underscore_names.h"
#include "os/system_info.h"

namespace uwsgi {
namespace {

BodyLimits MakeBodyLimits(const RequestOptions& options, SpoolRoom& room,
                          const std::atomic<bool>& threads_wanted) {
  BodyLimits limits;
  limits.room = &room;
  limits.threads_wanted = &threads_wanted;
  limits.memory = options.body_buffer.bytes;
  limits.whole_above = options.post_buffering.bytes;
  limits.spool_dir = options.post_buffering_dir;
  limits.post = options.limit_post.bytes;
  limits.min_rate = options.body_min_rate.bytes;
  return limits;
}

std::string HttpsPort(const std::vector<Listener>& listeners) {
  const auto found =
      std::ranges::find_if(listeners, [](const auto& each) { return each.tls >= 0; });
  return found == listeners.end() || found->port == "443" ? std::string() : found->port;
}

}  // namespace

ConnectionServices::ConnectionServices(const Parts& parts, std::function<void()> compress_soon)
    : options(parts.options),
      websockets(parts.websockets),
      static_files(parts.static_files),
      app_files(parts.app_files.is_enabled() ? &parts.app_files : nullptr),
      tls(parts.tls),
      peer_policy(parts.peers),
      hostname(os::Hostname()),
      dropped_headers(UnderscoreNames::Join(parts.peers.http_allow_underscore),
                      parts.noted_headers),
      heads{options, hostname, dropped_headers},
      https_port(HttpsPort(parts.listeners)),
      extra_fields(protocol::MakeExtraFields(options.add_header)),
      spool_room(options.body_spool.bytes),
      body_limits(MakeBodyLimits(options, spool_room, threads_wanted)),
      spool_limits{body_limits.spool_dir, options.response_buffer.bytes},
      compressor(parts.compression),
      compressed_files(compressor, std::move(compress_soon)) {}

std::chrono::milliseconds ConnectionServices::progress_timeout(const WireProtocol& wire) const {
  const bool is_own = wire.traits().has_own_timeout && options.http_timeout.count() > 0;
  return is_own ? options.http_timeout : options.socket_timeout;
}

}  // namespace uwsgi
