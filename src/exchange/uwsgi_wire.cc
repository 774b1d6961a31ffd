// SPDX-License-Identifier: MIT

#include "exchange/uwsgi_wire.h"

#include <fmt/core.h>

#include <cstdint>
#include <string>

#include "exchange/uwsgi_framing.h"
#include "protocol/uwsgi_packet.h"

namespace uwsgi {
namespace {

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

}  // namespace

HeadReader::Status UwsgiHeadReader::RefuseForeign(std::string_view bytes, int modifier1) {
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
  AnswerOn(Wire::kHttp);
  return Refuse(400, fmt::format("{} on uwsgi socket {}: {}", what, listener().name, remedy));
}

protocol::CgiDefaults UwsgiHeadReader::Defaults() const {
  protocol::CgiDefaults defaults;
  defaults.server_name = listener().host;
  if (defaults.server_name.empty()) defaults.server_name = hostname();
  defaults.server_port = listener().port;
  return defaults;
}

HeadReader::Status UwsgiHeadReader::Read(std::string_view bytes, Request& request) {
  if (bytes.size() < protocol::kPacketHeaderSize) return Status::kNeedMore;
  const protocol::PacketHeader header = protocol::DecodePacketHeader(bytes);
  const bool is_ping = IsPing(bytes, header.modifier1);
  if (!IsWsgi(header.modifier1) && !is_ping) return RefuseForeign(bytes, header.modifier1);
  if (header.size > options().buffer_size.bytes) {
    return Refuse(431, fmt::format("invalid request block size: {} (max {}), see --buffer-size",
                                   header.size, options().buffer_size.bytes));
  }
  Facts facts;
  facts.head_size = protocol::kPacketHeaderSize + header.size;
  if (bytes.size() < facts.head_size) {
    Want(facts.head_size);
    return Status::kNeedMore;
  }
  request.packet_size = header.size;
  request.modifier1 = header.modifier1;
  request.modifier2 = header.modifier2;
  if (is_ping) {
    request.content_length = 0;
    facts.ping_answer = protocol::kPong;
    return Done(facts);
  }
  const std::string_view block = bytes.substr(protocol::kPacketHeaderSize, header.size);
  const auto parsed = protocol::ParseVars(block, options().max_vars, request.vars);
  if (!parsed) return Refuse(StatusFor(parsed.error(), 431), parsed.error().message);
  request.packet_vars = static_cast<std::uint32_t>(request.vars.size());
  const auto indexed = protocol::IndexVars(request, Defaults());
  if (!indexed) return Refuse(StatusFor(indexed.error(), 413), indexed.error().message);
  return Done(facts);
}

UwsgiWire::UwsgiWire() : WireProtocol({.wire = Wire::kUwsgi}) {}

std::unique_ptr<HeadReader> UwsgiWire::MakeHeadReader(const HeadReader::Context& context) const {
  return std::make_unique<UwsgiHeadReader>(context);
}

std::unique_ptr<FramingFilter> UwsgiWire::MakeFraming() const {
  return std::make_unique<UwsgiFraming>();
}

}  // namespace uwsgi
