// SPDX-License-Identifier: MIT

#include "protocol/proxy_header.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <array>
#include <string>

namespace uwsgi::protocol {
namespace {

using std::string_literals::operator""s;

// "more", "malformed", "nobody", or the client, and the bytes that are left after the header.
std::string Parse(std::string_view bytes) {
  const ProxyHeader header = ParseProxyHeader(bytes);
  if (header.status == ProxyHeader::Status::kNeedMore) return "more";
  if (header.status == ProxyHeader::Status::kMalformed) return "malformed";
  const std::string rest = "|" + std::string(bytes.substr(header.size));
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (header.client.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(header.client);
    inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
    return std::string(text.data()) + " " + std::to_string(ntohs(four.sin_port)) + rest;
  }
  if (header.client.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(header.client);
    inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    return std::string(text.data()) + " " + std::to_string(ntohs(six.sin6_port)) + rest;
  }
  return "nobody" + rest;
}

TEST(ProxyHeaderTest, Version1) {
  struct Case {
    std::string bytes;
    std::string expected;
  };
  const Case cases[] = {
      {"PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\nGET", "192.0.2.1 56324|GET"},
      {"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", "2001:db8::1 1|"},
      {"PROXY UNKNOWN\r\nGET", "nobody|GET"},
      {"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "nobody|"},
      {"PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\n", "more"},
      {"PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 1\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 198.51.100.7 65536 443\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 198.51.100.7 65iii 443\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 198.51.100.7 056 443\r\n", "malformed"},
      {"PROXY TCP4 not-an-ip 198.51.100.7 56324 443\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1 not-an-ip 56324 443\r\n", "malformed"},
      {"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n", "malformed"},
      {"PROXY TCP4  192.0.2.1 198.51.100.7 56324 443\r\n", "malformed"},
      {"PROXY UDP4 192.0.2.1 198.51.100.7 56324 443\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.1\0.5 198.51.100.7 56324 443\r\n"s, "malformed"},
      {"PROXY \r\n", "malformed"},
      {"PROXY " + std::string(120, 'x'), "malformed"},
      {"proxy TCP4", "malformed"},
      {"GET\0PROXY"s, "malformed"},
      {"GET / HTTP/1.1\r\n", "malformed"},
      {"", "more"},
      {"P", "more"},
      {"PROXY", "more"},
  };
  for (const auto& [bytes, expected] : cases) EXPECT_EQ(Parse(bytes), expected) << bytes;
}

const std::string kStart = "\r\n\r\n\0\r\nQUIT\n"s;

TEST(ProxyHeaderTest, Version2) {
  struct Case {
    std::string bytes;  // After the signature.
    std::string expected;
  };
  const std::string four = "\xc0\x00\x02\x01\xc6\x33\x64\x07\xdc\x04\x01\xbb"s;
  const std::string six = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\1" +
                          std::string(16, '\2') + "\x00\x50\x01\xbb"s;
  const Case cases[] = {
      {"\x21\x11\x00\x0c"s + four + "GET", "192.0.2.1 56324|GET"},
      {"\x21\x11\x00\x10"s + four + "\x04\x00\x01x"s + "GET", "192.0.2.1 56324|GET"},
      {"\x21\x21\x00\x24"s + six + "GET", "2001:db8::1 80|GET"},
      {"\x20\x00\x00\x00GET"s, "nobody|GET"},
      {"\x20\x11\x00\x0c"s + four, "nobody|"},
      {"\x21\x00\x00\x02xyGET"s, "nobody|GET"},
      {"\x21\x31\x00\x01x"s, "nobody|"},
      {"\x21\x11\x00\x0b"s + four, "malformed"},
      {"\x21\x21\x00\x0c"s + four, "malformed"},
      {"\x11\x11\x00\x0c"s + four, "malformed"},
      {"\x22\x11\x00\x0c"s + four, "malformed"},
      {"\x21\x11\xff\xff"s, "malformed"},
      {"\x21\x11\x00\x0c"s + four.substr(0, 11), "more"},
      {"\x21\x11\x00"s, "more"},
  };
  for (const auto& [bytes, expected] : cases) EXPECT_EQ(Parse(kStart + bytes), expected);
}

TEST(ProxyHeaderTest, EveryPrefixNeedsMore) {
  const std::string whole =
      kStart + "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x07\xdc\x04\x01\xbb"s;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Parse(whole.substr(0, size)), "more") << size;
  }
}

}  // namespace
}  // namespace uwsgi::protocol
