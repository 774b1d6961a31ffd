// SPDX-License-Identifier: MIT

#include "net/peer_policy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

#include "net/peer_address.h"

namespace uwsgi {
namespace {

sockaddr_storage Address(const std::string& text) {
  sockaddr_storage address{};
  auto& four = reinterpret_cast<sockaddr_in&>(address);
  auto& six = reinterpret_cast<sockaddr_in6&>(address);
  if (text.empty()) {
    address.ss_family = AF_UNIX;
  } else if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(4711);
  } else if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(65535);
  }
  return address;
}

PeerAddress Describe(const std::string& text, const PeerOptions& options) {
  return DescribePeer(Address(text), PeerPolicy(options).proxies);
}

TEST(PeerPolicyTest, TrustsProxiesOnThisMachineByDefault) {
  for (const char* address : {"", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(Describe(address, {}).is_trusted) << address;
  }
  for (const char* address : {"192.0.2.7", "1.127.0.1", "2001:db8::1"}) {
    EXPECT_FALSE(Describe(address, {}).is_trusted) << address;
  }
}

TEST(PeerPolicyTest, TrustsOnlyThoseThatAreNamed) {
  PeerOptions options;
  options.forwarded_allow_from = {*AddressRanges::Parse("192.0.2.0/24,2001:db8::/32")};
  for (const char* address : {"192.0.2.7", "2001:db8::1"}) {
    EXPECT_TRUE(Describe(address, options).is_trusted) << address;
  }
  for (const char* address : {"", "127.0.0.1", "192.0.3.7"}) {
    EXPECT_FALSE(Describe(address, options).is_trusted) << address;
  }
}

TEST(PeerPolicyTest, DescribesAddressesAsTheEnvironShowsThem) {
  const PeerAddress four = Describe("192.0.2.7", {});
  EXPECT_STREQ(four.text.data(), "192.0.2.7");
  EXPECT_STREQ(four.port.data(), "4711");
  const PeerAddress mapped = Describe("::ffff:192.0.2.7", {});
  EXPECT_STREQ(mapped.text.data(), "192.0.2.7");
  EXPECT_STREQ(mapped.port.data(), "65535");
  EXPECT_TRUE(Describe("", {}).is_unix());
}

TEST(PeerPolicyTest, AnEmptyListOfProxiesTrustsNobody) {
  PeerOptions options;
  options.forwarded_allow_from = {*AddressRanges::Parse("")};
  EXPECT_FALSE(Describe("127.0.0.1", options).is_trusted);
}

TEST(PeerPolicyTest, TheModeOfTheProxyProtocolComesBeforeTheFlag) {
  PeerOptions options;
  EXPECT_EQ(PeerPolicy(options).proxy_protocol, ProxyProtocol::kOff);
  options.enable_proxy_protocol = true;
  EXPECT_EQ(PeerPolicy(options).proxy_protocol, ProxyProtocol::kAccept);
  options.proxy_protocol = *ParseProxyProtocol("require");
  EXPECT_EQ(PeerPolicy(options).proxy_protocol, ProxyProtocol::kRequire);
  EXPECT_FALSE(ParseProxyProtocol("off"));
}

}  // namespace
}  // namespace uwsgi
