// SPDX-License-Identifier: MIT

#include "protocol/http_target.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "protocol/scan.h"

namespace uwsgi::protocol {
namespace {

bool IsValidPort(std::string_view port) {
  std::uint32_t number = 0;
  for (const char byte : port) {
    if (!IsDigit(byte)) return false;
    number = number * 10 + static_cast<std::uint32_t>(byte - '0');
    if (number > 65535) return false;
  }
  return true;
}

bool IsValidIpv6(std::string_view address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.size() >= text.size()) return false;
  std::copy(address.begin(), address.end(), text.begin());
  in6_addr parsed{};
  return inet_pton(AF_INET6, text.data(), &parsed) == 1;
}

// A registered name or IPv4 address.
bool IsValidName(std::string_view name) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=";
  for (const char byte : name) {
    if (!IsAlpha(byte) && !IsDigit(byte) && byte != '%' &&
        kMarks.find(byte) == std::string_view::npos) {
      return false;
    }
  }
  return HasValidEscapes(name);
}

void DecodeInPlace(std::string& text, std::size_t start) {
  std::size_t to = std::min(text.find('%', start), text.size());
  for (std::size_t from = to; from < text.size(); ++to) {
    if (text[from] == '%') {
      text[to] = static_cast<char>(HexValue(text[from + 1]) << 4 | HexValue(text[from + 2]));
      from += 3;
    } else {
      text[to] = text[from++];
    }
  }
  text.resize(to);
}

}  // namespace

std::size_t AbsoluteFormPrefix(std::string_view target) {
  for (const std::string_view prefix : {"http://", "https://"}) {
    if (EqualsIgnoringCase(target.substr(0, prefix.size()), prefix)) return prefix.size();
  }
  return 0;
}

bool IsValidHost(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || !IsValidIpv6(host.substr(1, end - 1))) return false;
    const std::string_view rest = host.substr(end + 1);
    return rest.empty() || (rest[0] == ':' && IsValidPort(rest.substr(1)));
  }
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return IsValidName(host);
  return colon != 0 && IsValidName(host.substr(0, colon)) && IsValidPort(host.substr(colon + 1));
}

std::string_view PathOf(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path.substr(0, path.find('#'));
}

bool HasValidEscapes(std::string_view path) {
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 3)) {
    if (path.size() - at < 3) return false;
    const int high = HexValue(path[at + 1]);
    const int low = HexValue(path[at + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
  }
  return true;
}

bool NeedsNormalizing(std::string_view path) {
  return path.find('%') != std::string_view::npos || path.find("/.") != std::string_view::npos;
}

void AppendNormalizedPath(std::string_view path, std::string& out) {
  const std::size_t start = out.size();
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view segment = path.substr(at + 1, end - at - 1);
    const bool is_last = end == path.size();
    if (segment == ".") {
      if (is_last) out += '/';
    } else if (segment == "..") {
      if (out.size() > start) {
        out.resize(out.rfind('/'));
        if (is_last) out += '/';
      }
    } else {
      out += path.substr(at, end - at);
    }
    at = end;
  }
  DecodeInPlace(out, start);
}

}  // namespace uwsgi::protocol
