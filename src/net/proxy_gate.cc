// SPDX-License-Identifier: MIT

#include "net/proxy_gate.h"

#include "base/io_outcome.h"
#include "protocol/proxy_header.h"

namespace uwsgi {
namespace {

using Status = protocol::ProxyHeader::Status;

constexpr std::string_view kNotBelieved =
    "its PROXY header is not believed, see forwarded-allow-from";

}  // namespace

ProxyGate ProxyGate::Read(PeerSocket& socket, ReadBuffer& input, const PeerPolicy& policy,
                          PeerAddress& peer) {
  const bool is_demanded = policy.proxy_protocol == ProxyProtocol::kRequire;
  if (is_demanded && !peer.is_trusted) return {Step::kRefused, kNotBelieved};
  input.Reserve(protocol::kMaxProxyHeader);
  while (true) {
    // What follows the header may be TLS, which reads from the socket itself: look first, then
    // take.
    const std::size_t before = input.bytes().size();
    const IoOutcome peeked = socket.Peek(input.space());
    if (peeked.status == IoStatus::kWouldBlock) return {Step::kWait};
    if (peeked.status != IoStatus::kOk) return {Step::kGone};
    const std::string_view all(input.bytes().data(), before + peeked.bytes);
    const protocol::ProxyHeader header = protocol::ParseProxyHeader(all);
    if (header.status == Status::kAbsent && !is_demanded) return {Step::kAbsent};
    if (header.status == Status::kAbsent) {
      return {Step::kRefused, "no header of the PROXY protocol, see proxy-protocol"};
    }
    if (header.status == Status::kMalformed) {
      return {Step::kRefused, "a malformed header of the PROXY protocol"};
    }
    const bool is_done = header.status == Status::kDone;
    if (is_done && !peer.is_trusted) return {Step::kRefused, kNotBelieved};
    const std::size_t taken = is_done ? header.size - before : peeked.bytes;
    input.Produced(socket.Receive(input.space().first(taken)).bytes);
    if (!is_done) continue;
    if (header.client.ss_family != AF_UNSPEC) peer = DescribePeer(header.client, policy.proxies);
    return {Step::kPassed};
  }
}

}  // namespace uwsgi
