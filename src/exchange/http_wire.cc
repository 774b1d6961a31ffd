// SPDX-License-Identifier: MIT

#include "exchange/http_wire.h"

#include <cstdint>
#include <string>

#include "exchange/http_framing.h"

namespace uwsgi {
namespace {

// Behind the empty line that is forgiven.
bool IsForHead(std::string_view bytes) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  return bytes.starts_with("HEAD ");
}

}  // namespace

void HttpHeadReader::Restart() { parser_.Reset(&dropped_headers().allowed(), peer().is_trusted); }

protocol::CgiDefaults HttpHeadReader::Defaults() const {
  protocol::CgiDefaults defaults;
  defaults.server_name = hostname();
  defaults.server_port = listener().port;
  defaults.remote_addr = peer().text.data();
  defaults.remote_port = peer().port.data();
  defaults.https = tls() != nullptr;
  if (tls() != nullptr) defaults.more = tls()->variables();
  defaults.trust_forwarded = peer().is_trusted;
  return defaults;
}

HeadReader::Status HttpHeadReader::Read(std::string_view bytes, Request& request) {
  protocol::HttpLimits limits;
  limits.max_head = limits.max_request_line = options().buffer_size.bytes;
  limits.max_headers = options().max_vars;
  const protocol::HttpHeadParser::Status status = parser_.Parse(bytes, limits);
  // What is never complete may still be refused, without a body.
  if (status != protocol::HttpHeadParser::Status::kDone && IsForHead(bytes)) {
    request.method = "HEAD";
  }
  switch (status) {
    case protocol::HttpHeadParser::Status::kNeedMore:
      Want(bytes.size() + kFirstRead);
      return Status::kNeedMore;
    case protocol::HttpHeadParser::Status::kError:
      return Refuse(parser_.error_status(), std::string(parser_.error_reason()));
    case protocol::HttpHeadParser::Status::kDone:
      break;
  }
  for (std::size_t i = 0; i < parser_.dropped_count(); ++i) {
    dropped_headers().Note(parser_.dropped_name(bytes, i), peer());
  }
  request.packet_size = static_cast<std::uint32_t>(parser_.head_size());
  if (auto filled = parser_.FillRequest(bytes, Defaults(), request); !filled) {
    return Refuse(400, filled.error().message);
  }
  request.packet_vars = static_cast<std::uint32_t>(request.vars.size());
  return Done({.head_size = parser_.head_size(),
               .minor_version = parser_.minor_version(),
               .keep_alive = parser_.keep_alive(),
               .expects_continue = parser_.expect_continue(),
               .ping_answer = {}});
}

HttpWire::HttpWire()
    : WireProtocol({.wire = Wire::kHttp,
                    .takes_proxy_header = true,
                    .has_own_timeout = true,
                    .compresses = true,
                    .peer_may_send_more = true}) {}

std::unique_ptr<HeadReader> HttpWire::MakeHeadReader(const HeadReader::Context& context) const {
  return std::make_unique<HttpHeadReader>(context);
}

std::unique_ptr<FramingFilter> HttpWire::MakeFraming() const {
  return std::make_unique<HttpFraming>();
}

}  // namespace uwsgi
