// SPDX-License-Identifier: MIT

#include "protocol/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace uwsgi::protocol {
namespace {

using Status = ProxyHeader::Status;

constexpr std::string_view kStart1 = "PROXY ";
constexpr std::size_t kMaxSize1 = 107;  // With its CRLF.
constexpr std::string_view kStart2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedSize2 = 16;

constexpr int kLocal = 0;
constexpr int kProxy = 1;
constexpr int kTcp4 = 0x11;
constexpr int kTcp6 = 0x21;

bool MayStartWith(std::string_view bytes, std::string_view start) {
  const std::size_t count = std::min(bytes.size(), start.size());
  return bytes.substr(0, count) == start.substr(0, count);
}

std::string_view TakeWord(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<in_port_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_padded = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || end != text.data() + text.size() || is_padded) return std::nullopt;
  return htons(port);
}

void SetClient(ProxyHeader& header, int family, const void* address, in_port_t port) {
  header.client.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET) {
    auto& four = reinterpret_cast<sockaddr_in&>(header.client);
    std::memcpy(&four.sin_addr, address, sizeof(four.sin_addr));
    four.sin_port = port;
  } else {
    auto& six = reinterpret_cast<sockaddr_in6&>(header.client);
    std::memcpy(&six.sin6_addr, address, sizeof(six.sin6_addr));
    six.sin6_port = port;
  }
}

// "TCP4 192.0.2.1 198.51.100.7 56324 443", without what precedes and follows it.
bool ParseLine(std::string_view line, ProxyHeader& header) {
  if (line.find('\0') != std::string_view::npos) return false;
  const std::string_view family_name = TakeWord(line);
  if (family_name == "UNKNOWN") return true;
  if (family_name != "TCP4" && family_name != "TCP6") return false;
  const int family = family_name == "TCP4" ? AF_INET : AF_INET6;
  in6_addr source;
  in6_addr destination;
  const std::string source_text(TakeWord(line));
  const std::string destination_text(TakeWord(line));
  const auto source_port = ParsePort(TakeWord(line));
  const auto destination_port = ParsePort(TakeWord(line));
  if (inet_pton(family, source_text.c_str(), &source) != 1 ||
      inet_pton(family, destination_text.c_str(), &destination) != 1 || !source_port ||
      !destination_port || !line.empty()) {
    return false;
  }
  SetClient(header, family, &source, *source_port);
  return true;
}

ProxyHeader ParseVersion1(std::string_view bytes) {
  ProxyHeader header;
  const std::size_t end = bytes.substr(0, kMaxSize1).find("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMaxSize1) header.status = Status::kMalformed;
    return header;
  }
  header.size = end + 2;
  const bool good = ParseLine(bytes.substr(kStart1.size(), end - kStart1.size()), header);
  header.status = good ? Status::kDone : Status::kMalformed;
  return header;
}

ProxyHeader ParseVersion2(std::string_view bytes) {
  ProxyHeader header;
  if (bytes.size() < kFixedSize2) return header;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const int version = byte(12) >> 4;
  const int command = byte(12) & 0xf;
  const std::size_t length = static_cast<std::size_t>(byte(14)) << 8 | byte(15);
  if (version != 2 || command > kProxy || length > kMaxProxyHeader - kFixedSize2) {
    header.status = Status::kMalformed;
    return header;
  }
  header.size = kFixedSize2 + length;
  if (bytes.size() < header.size) return header;
  header.status = Status::kDone;
  if (command == kLocal) return header;
  const int family = byte(13);
  const std::size_t address_size = family == kTcp4 ? 4 : 16;
  if (family != kTcp4 && family != kTcp6) return header;  // Unix or datagrams: not for us.
  if (length < 2 * address_size + 4) {
    header.status = Status::kMalformed;
    return header;
  }
  const char* const addresses = bytes.data() + kFixedSize2;
  in_port_t port = 0;
  std::memcpy(&port, addresses + 2 * address_size, sizeof(port));
  SetClient(header, family == kTcp4 ? AF_INET : AF_INET6, addresses, port);
  return header;
}

}  // namespace

ProxyHeader ParseProxyHeader(std::string_view bytes) {
  if (bytes.starts_with(kStart1)) return ParseVersion1(bytes);
  if (bytes.starts_with(kStart2)) return ParseVersion2(bytes);
  ProxyHeader header;
  if (!MayStartWith(bytes, kStart1) && !MayStartWith(bytes, kStart2)) {
    header.status = Status::kAbsent;
  }
  return header;
}

}  // namespace uwsgi::protocol
