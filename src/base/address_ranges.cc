// SPDX-License-Identifier: MIT

#include "base/address_ranges.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace uwsgi {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr int kMappedBits = 96;  // Of the prefix of IPv4 in IPv6.

Bytes MapIPv4(const in_addr& four) {
  Bytes bytes{};
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, &four, sizeof(four));
  return bytes;
}

std::optional<Bytes> BytesOf(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    return MapIPv4(reinterpret_cast<const sockaddr_in&>(peer).sin_addr);
  }
  if (peer.ss_family != AF_INET6) return std::nullopt;
  Bytes bytes{};
  std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr, bytes.size());
  return bytes;
}

bool SharesPrefix(const Bytes& a, const Bytes& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) {
    return false;
  }
  const int rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

Result<AddressRanges> AddressRanges::Parse(std::string_view text) {
  AddressRanges ranges;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(", \t", at), text.size());
    if (end > at) {
      const std::string range(text.substr(at, end - at));
      if (auto added = ranges.Add(range); !added) return added.error();
    }
    at = end + 1;
  }
  return ranges;
}

AddressRanges AddressRanges::Join(const std::vector<AddressRanges>& all) {
  AddressRanges joined;
  for (const AddressRanges& each : all) {
    joined.networks_.insert(joined.networks_.end(), each.networks_.begin(), each.networks_.end());
    joined.has_unix_ = joined.has_unix_ || each.has_unix_;
  }
  return joined;
}

Result<void> AddressRanges::Add(const std::string& text) {
  if (text == "unix") {
    has_unix_ = true;
    return {};
  }
  if (text == "*") {
    has_unix_ = true;
    networks_.push_back({{}, 0});
    return {};
  }
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  Network network;
  int limit = 128;
  in_addr four{};
  if (inet_pton(AF_INET, address.c_str(), &four) == 1) {
    network.address = MapIPv4(four);
    limit = 32;
  } else if (inet_pton(AF_INET6, address.c_str(), network.address.data()) != 1) {
    return Error{ErrorCode::kInvalid, text + " is no address, network, `unix` or `*`"};
  }
  int bits = limit;
  if (slash != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
    if (parsed.ec != std::errc() || parsed.ptr != end || bits < 0 || bits > limit) {
      return Error{ErrorCode::kInvalid, text + ": expected a prefix length up to " +
                                            std::to_string(limit) + " after the slash"};
    }
  }
  network.bits = bits + (limit == 32 ? kMappedBits : 0);
  networks_.push_back(network);
  return {};
}

bool AddressRanges::Contains(const sockaddr_storage& peer) const {
  const std::optional<Bytes> bytes = BytesOf(peer);
  if (!bytes) return has_unix_;
  return std::ranges::any_of(networks_, [&](const Network& network) {
    return SharesPrefix(*bytes, network.address, network.bits);
  });
}

}  // namespace uwsgi
