// SPDX-License-Identifier: MIT

#include "websocket/frame.h"

#include <cstring>

namespace uwsgi::websocket {
namespace {

constexpr unsigned kFin = 0x80;
constexpr unsigned kCompressed = 0x40;
constexpr unsigned kReserved = 0x30;
constexpr unsigned kOpcode = 0x0F;
constexpr unsigned kMasked = 0x80;
constexpr unsigned kLength = 0x7F;
constexpr unsigned kTwoBytes = 126;
constexpr unsigned kEightBytes = 127;

unsigned ByteAt(std::string_view bytes, std::size_t position) {
  return static_cast<unsigned char>(bytes[position]);
}

std::uint64_t BigEndian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

}  // namespace

std::optional<FrameHeader> ParseFrameHeader(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const unsigned first = ByteAt(bytes, 0);
  const unsigned second = ByteAt(bytes, 1);
  FrameHeader header;
  header.is_final = (first & kFin) != 0;
  header.is_compressed = (first & kCompressed) != 0;
  header.has_reserved = (first & kReserved) != 0;
  header.opcode = static_cast<Opcode>(first & kOpcode);
  header.is_masked = (second & kMasked) != 0;
  header.size = second & kLength;
  const std::size_t length_size = header.size < kTwoBytes ? 0 : header.size == kTwoBytes ? 2 : 8;
  header.header_size = 2 + length_size + (header.is_masked ? header.mask.size() : 0);
  if (bytes.size() < header.header_size) return std::nullopt;
  if (length_size > 0) {
    header.size = BigEndian(bytes.substr(2, length_size));
    header.is_shortest = header.size >= (length_size == 2 ? kTwoBytes : 0x10000);
  }
  if (header.is_masked) {
    std::memcpy(header.mask.data(), bytes.data() + 2 + length_size, header.mask.size());
  }
  return header;
}

EncodedHeader::EncodedHeader(Opcode opcode, bool is_compressed, std::uint64_t size) {
  const unsigned first = kFin | (is_compressed ? kCompressed : 0U) | static_cast<unsigned>(opcode);
  bytes_[0] = static_cast<char>(first);
  if (size < kTwoBytes) {
    bytes_[1] = static_cast<char>(size);
    return;
  }
  const std::size_t length_size = size < 0x10000 ? 2 : 8;
  bytes_[1] = static_cast<char>(length_size == 2 ? kTwoBytes : kEightBytes);
  for (std::size_t left = length_size; left > 0; --left, size >>= 8U) {
    bytes_[1 + left] = static_cast<char>(size & 0xFFU);
  }
  size_ += length_size;
}

void Unmask(char* bytes, std::size_t size, const std::array<std::uint8_t, 4>& mask,
            std::uint64_t offset) {
  std::array<std::uint8_t, 8> turned{};  // The mask twice, as it stands at `offset`.
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(offset + i) % mask.size()];
  std::uint64_t word = 0;
  std::memcpy(&word, turned.data(), sizeof(word));
  std::size_t done = 0;
  for (; done + sizeof(word) <= size; done += sizeof(word)) {
    std::uint64_t part = 0;
    std::memcpy(&part, bytes + done, sizeof(part));
    part ^= word;
    std::memcpy(bytes + done, &part, sizeof(part));
  }
  for (; done < size; ++done) {
    bytes[done] =
        static_cast<char>(static_cast<unsigned char>(bytes[done]) ^ turned[done % turned.size()]);
  }
}

}  // namespace uwsgi::websocket
