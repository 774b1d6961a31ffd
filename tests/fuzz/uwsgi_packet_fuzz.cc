// SPDX-License-Identifier: MIT
//
// A vars block of arbitrary bytes is refused, or accounts for every byte and becomes a
// request that the gateway may see.

#include <cstdint>

#include "base/check.h"
#include "protocol/cgi_vars.h"
#include "protocol/scan.h"
#include "protocol/uwsgi_packet.h"

namespace uwsgi::protocol {
namespace {

void CheckRequest(const Request& request) {
  UWSGI_CHECK(!request.method.empty());
  UWSGI_CHECK(!request.protocol.empty());
  UWSGI_CHECK(!request.scheme.empty());
  UWSGI_CHECK(!HasControl(request.method) && !HasControl(request.uri));
  for (const Var& var : request.vars) {
    UWSGI_CHECK(!var.key.starts_with("wsgi.") && !var.key.starts_with("uwsgi."));
  }
}

void TestOne(std::string_view input) {
  if (input.size() < kPacketHeaderSize) return;
  const PacketHeader header = DecodePacketHeader(input);
  RecognizeForeignProtocol(input);
  const std::string_view block = input.substr(kPacketHeaderSize);
  Request request;
  const std::size_t max_vars = header.modifier2;
  const bool parsed = ParseVars(block, max_vars, request.vars).ok();
  UWSGI_CHECK(request.vars.size() <= max_vars);
  if (!parsed) return;
  std::size_t size = 0;
  for (const Var& var : request.vars) size += 4 + var.key.size() + var.value.size();
  UWSGI_CHECK(size == block.size());

  CgiDefaults defaults;
  defaults.server_name = "vm";
  defaults.server_port = "80";
  defaults.trust_forwarded = header.modifier1 % 2 == 0;
  if (IndexVars(request, defaults).ok()) CheckRequest(request);
}

}  // namespace
}  // namespace uwsgi::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  uwsgi::protocol::TestOne({static_cast<const char*>(static_cast<const void*>(data)), size});
  return 0;
}
