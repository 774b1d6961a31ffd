// SPDX-License-Identifier: MIT

#include "protocol/uwsgi_packet.h"

#include <fmt/core.h>

#include <algorithm>

#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

std::uint16_t LittleEndian16(const char* bytes) {
  const auto low = static_cast<unsigned char>(bytes[0]);
  const auto high = static_cast<unsigned char>(bytes[1]);
  return static_cast<std::uint16_t>(low | high << 8);
}

// Takes a size and that many bytes off the block. False when it runs past the end.
bool TakeString(std::string_view& block, std::string_view& string) {
  if (block.size() < 2) return false;
  const std::size_t size = LittleEndian16(block.data());
  if (block.size() - 2 < size) return false;
  string = block.substr(2, size);
  block.remove_prefix(2 + size);
  return true;
}

enum class Fault { kNone, kPastTheEnd, kNoName, kTooMany };

// Stops with `rest` at the pair with the fault. Flattened, as each call would cost as much as
// the pair's own work.
[[gnu::flatten]] Fault SplitVars(std::string_view& rest, std::size_t max_vars,
                                 std::vector<Var>& out) {
  for (std::size_t count = 0; !rest.empty(); ++count) {
    std::string_view next = rest;
    Var var;
    if (!TakeString(next, var.key) || !TakeString(next, var.value)) return Fault::kPastTheEnd;
    if (var.key.empty()) return Fault::kNoName;
    if (count == max_vars) return Fault::kTooMany;
    out.push_back(var);
    rest = next;
  }
  return Fault::kNone;
}

}  // namespace

PacketHeader DecodePacketHeader(std::string_view bytes) {
  PacketHeader header;
  header.modifier1 = static_cast<std::uint8_t>(bytes[0]);
  header.size = LittleEndian16(bytes.data() + 1);
  header.modifier2 = static_cast<std::uint8_t>(bytes[3]);
  return header;
}

Result<void> ParseVars(std::string_view block, std::size_t max_vars, std::vector<Var>& out) {
  if (block.empty()) return Error{ErrorCode::kMalformed, "uwsgi packet without variables"};
  std::string_view rest = block;
  const Fault fault = SplitVars(rest, max_vars, out);
  if (fault == Fault::kNone) return {};
  if (fault == Fault::kTooMany) {
    return Error{ErrorCode::kTooLarge,
                 fmt::format("uwsgi packet with more than {} variables, see --max-vars", max_vars)};
  }
  return Error{
      ErrorCode::kMalformed,
      fmt::format("uwsgi packet: the variable at byte {} of {} {}", block.size() - rest.size(),
                  block.size(), fault == Fault::kNoName ? "has no name" : "runs past the end")};
}

ForeignProtocol RecognizeForeignProtocol(std::string_view first_bytes) {
  const std::string_view start = first_bytes.substr(0, kPacketHeaderSize);
  if (start.starts_with("\x16\x03")) return ForeignProtocol::kTls;
  if (start == "PROX" || start == "\r\n\r\n") return ForeignProtocol::kProxy;
  const std::string_view line =
      start.substr(std::min(start.find_first_not_of("\r\n"), start.size()));
  const std::string_view method = line.substr(0, line.find(' '));
  const bool is_text =
      method.size() > 1 && std::all_of(method.begin(), method.end(),
                                       [](char byte) { return IsAlpha(byte) || byte == '-'; });
  return is_text ? ForeignProtocol::kHttp : ForeignProtocol::kNone;
}

}  // namespace uwsgi::protocol
