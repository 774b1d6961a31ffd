// SPDX-License-Identifier: MIT

#include "exchange/head_reader.h"

#include <fmt/core.h>

#include <utility>

#include "protocol/uwsgi_packet.h"

namespace uwsgi {
namespace {

// A browser's head fits; larger ones grow the buffer.
constexpr std::size_t kFirstRead = 4096;

// The modifiers that mean WSGI; 30 is how old nginx recipes ask for SCRIPT_NAME handling.
bool IsWsgi(std::uint8_t modifier1) { return modifier1 == 0 || modifier1 == 30; }

// "delete", in a request line of lower case, begins like a ping.
bool IsPing(std::string_view bytes, std::uint8_t modifier1) {
  return modifier1 == protocol::kPing &&
         protocol::RecognizeForeignProtocol(bytes) == protocol::ForeignProtocol::kNone;
}

int StatusFor(const Error& error, int too_large) {
  return error.code == ErrorCode::kTooLarge ? too_large : 400;
}

// Behind the empty line that is forgiven.
bool IsForHead(std::string_view bytes) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  return bytes.starts_with("HEAD ");
}

}  // namespace

void HeadReader::Begin(const Listener& listener, const PeerAddress& peer, const tls::Session* tls) {
  tls_ = tls;
  listener_ = &listener;
  peer_ = &peer;
  if (listener.wire == Wire::kHttp) http_.Reset(&dropped_headers_.allowed(), peer.is_trusted);
  wanted_ = kFirstRead;
  head_size_ = 0;
  refusal_ = 0;
  answer_wire_ = listener.wire;
}

HeadReader::Status HeadReader::Read(std::string_view bytes, Request& request) {
  return listener_->wire == Wire::kHttp ? ReadHttp(bytes, request) : ReadPacket(bytes, request);
}

HeadReader::Status HeadReader::Refuse(int status, std::string reason) {
  refusal_ = status;
  reason_ = std::move(reason);
  return Status::kRefused;
}

HeadReader::Status HeadReader::RefuseForeign(std::string_view bytes, int modifier1) {
  std::string_view what = "HTTP request";
  std::string_view remedy = "use uwsgi_pass in the web server, or make it an http-socket";
  switch (protocol::RecognizeForeignProtocol(bytes)) {
    case protocol::ForeignProtocol::kNone:
      return Refuse(501, fmt::format("-- unavailable modifier requested: {} --", modifier1));
    case protocol::ForeignProtocol::kHttp:
      break;
    case protocol::ForeignProtocol::kProxy:
      what = "PROXY header";
      remedy = "only HTTP sockets take one, with proxy-protocol";
      break;
    case protocol::ForeignProtocol::kTls:
      what = "TLS hello";
      remedy = "use uwsgi_pass in the web server, or make it an https-socket";
      break;
  }
  answer_wire_ = Wire::kHttp;
  return Refuse(400, fmt::format("{} on uwsgi socket {}: {}", what, listener_->name, remedy));
}

protocol::CgiDefaults HeadReader::Defaults() const {
  protocol::CgiDefaults defaults;
  const bool http = listener_->wire == Wire::kHttp;
  defaults.server_name = http ? std::string_view(hostname_) : std::string_view(listener_->host);
  if (defaults.server_name.empty()) defaults.server_name = hostname_;
  defaults.server_port = listener_->port;
  if (http) {
    defaults.remote_addr = peer_->text.data();
    defaults.remote_port = peer_->port.data();
    defaults.https = tls_ != nullptr;
    if (tls_ != nullptr) defaults.more = tls_->variables();
    defaults.trust_forwarded = peer_->is_trusted;
  }
  return defaults;
}

HeadReader::Status HeadReader::ReadPacket(std::string_view bytes, Request& request) {
  if (bytes.size() < protocol::kPacketHeaderSize) return Status::kNeedMore;
  const protocol::PacketHeader header = protocol::DecodePacketHeader(bytes);
  const bool is_ping = IsPing(bytes, header.modifier1);
  if (!IsWsgi(header.modifier1) && !is_ping) return RefuseForeign(bytes, header.modifier1);
  if (header.size > options_.buffer_size.bytes) {
    return Refuse(431, fmt::format("invalid request block size: {} (max {}), see --buffer-size",
                                   header.size, options_.buffer_size.bytes));
  }
  head_size_ = protocol::kPacketHeaderSize + header.size;
  if (bytes.size() < head_size_) {
    wanted_ = head_size_;
    return Status::kNeedMore;
  }
  request.packet_size = header.size;
  request.modifier1 = header.modifier1;
  request.modifier2 = header.modifier2;
  if (is_ping) {
    request.content_length = 0;
    return Status::kDone;
  }
  const std::string_view block = bytes.substr(protocol::kPacketHeaderSize, header.size);
  const auto parsed = protocol::ParseVars(block, options_.max_vars, request.vars);
  if (!parsed) return Refuse(StatusFor(parsed.error(), 431), parsed.error().message);
  request.packet_vars = static_cast<std::uint32_t>(request.vars.size());
  const auto indexed = protocol::IndexVars(request, Defaults());
  if (!indexed) return Refuse(StatusFor(indexed.error(), 413), indexed.error().message);
  return Status::kDone;
}

HeadReader::Status HeadReader::ReadHttp(std::string_view bytes, Request& request) {
  protocol::HttpLimits limits;
  limits.max_head = limits.max_request_line = options_.buffer_size.bytes;
  limits.max_headers = options_.max_vars;
  const protocol::HttpHeadParser::Status status = http_.Parse(bytes, limits);
  // What is never complete may still be refused, without a body.
  if (status != protocol::HttpHeadParser::Status::kDone && IsForHead(bytes)) {
    request.method = "HEAD";
  }
  switch (status) {
    case protocol::HttpHeadParser::Status::kNeedMore:
      wanted_ = bytes.size() + kFirstRead;
      return Status::kNeedMore;
    case protocol::HttpHeadParser::Status::kError:
      return Refuse(http_.error_status(), std::string(http_.error_reason()));
    case protocol::HttpHeadParser::Status::kDone:
      break;
  }
  head_size_ = http_.head_size();
  for (std::size_t i = 0; i < http_.dropped_count(); ++i) {
    dropped_headers_.Note(http_.dropped_name(bytes, i), *peer_);
  }
  request.packet_size = static_cast<std::uint32_t>(head_size_);
  if (auto filled = http_.FillRequest(bytes, Defaults(), request); !filled) {
    return Refuse(400, filled.error().message);
  }
  request.packet_vars = static_cast<std::uint32_t>(request.vars.size());
  return Status::kDone;
}

}  // namespace uwsgi
