// SPDX-License-Identifier: MIT

#include "protocol/proxy_header.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <array>
#include <string>

#include "protocol/http_cases.h"

namespace uwsgi::protocol {
namespace {

using std::string_literals::operator""s;

// "more", "absent", "malformed", "nobody", or the client, and the bytes that are left after the
// header.
std::string Parse(std::string_view bytes) {
  const ProxyHeader header = ParseProxyHeader(bytes);
  if (header.status == ProxyHeader::Status::kNeedMore) return "more";
  if (header.status == ProxyHeader::Status::kAbsent) return "absent";
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

TEST(ProxyHeaderTest, ReadsOrRefusesTheCases) {
  for (const HttpCase& expected : ReadHttpCases(".proxy")) {
    const bool is_read = expected.outcome == "ok";
    EXPECT_EQ(Parse(expected.bytes), is_read ? expected.variables.at(0) : expected.outcome)
        << expected.name;
  }
}

TEST(ProxyHeaderTest, EveryPrefixNeedsMore) {
  const std::string whole =
      "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x07\xdc\x04\x01\xbb"s;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Parse(whole.substr(0, size)), "more") << size;
  }
}

}  // namespace
}  // namespace uwsgi::protocol
