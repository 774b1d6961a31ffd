// SPDX-License-Identifier: MIT
//
// The uwsgi packet, as nginx sends it. See docs/protocol.md.
//
//   packet := modifier1:u8  datasize:u16  modifier2:u8  vars  body
//   vars   := (key value)*            exactly `datasize` bytes
//   key    := size:u16  byte[size]    value likewise
//
// Integers are little-endian. The body is not framed: its length is the
// CONTENT_LENGTH variable, so nothing here reads it.
//
// Everything in this header is a pure function of bytes: no sockets, no Python.
// tests/fuzz/uwsgi_packet_fuzz.cc feeds it arbitrary input.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "uwsgi/request.h"

namespace uwsgi::protocol {

inline constexpr std::size_t kPacketHeaderSize = 4;

// The modifier1 of a ping: whatever its block says, it is answered with kPong.
inline constexpr std::uint8_t kPing = 100;
// A header that means: alive, and nothing to warn of.
inline constexpr std::string_view kPong("\x64\0\0\x01", kPacketHeaderSize);

struct PacketHeader {
  std::uint8_t modifier1 = 0;
  std::uint16_t size = 0;  // Bytes of the vars block.
  std::uint8_t modifier2 = 0;
};

// `bytes` holds at least kPacketHeaderSize bytes; the rest is ignored. Cannot fail.
PacketHeader DecodePacketHeader(std::string_view bytes);

// Splits a vars block into key/value pairs and appends them to `out` in wire order,
// duplicates included. The views point into `block`. A reused vector makes this free
// of allocation.
//
// Fails with kMalformed when the block is empty, a key is empty or a size runs past
// the end, and with kTooLarge beyond `max_vars` pairs; `out` then holds the pairs before the fault.
Result<void> ParseVars(std::string_view block, std::size_t max_vars, std::vector<Var>& out);

// What a peer speaks that sends no packet.
enum class ForeignProtocol { kNone, kHttp, kProxy, kTls };

// Tells it from the first four bytes, which must be there: a request line in whatever case, after
// empty lines too; a header of the PROXY protocol, version 1 or 2; a TLS hello. Read as a packet's
// header, all of them ask for modifiers that nobody serves.
ForeignProtocol RecognizeForeignProtocol(std::string_view first_bytes);

}  // namespace uwsgi::protocol
