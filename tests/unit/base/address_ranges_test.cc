// SPDX-License-Identifier: MIT

#include "base/address_ranges.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace uwsgi {
namespace {

// "" stands for a unix socket.
sockaddr_storage Peer(const std::string& text) {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  auto& four = reinterpret_cast<sockaddr_in&>(storage);
  auto& six = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    storage.ss_family = AF_INET6;
  }
  return storage;
}

TEST(AddressRangesTest, Contains) {
  struct Case {
    std::string range;
    std::string peer;
    bool contained;
  };
  const Case cases[] = {
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.2", false},
      {"127.0.0.0/8", "127.255.0.1", true},
      {"127.0.0.0/8", "128.0.0.1", false},
      {"10.1.2.0/23", "10.1.3.255", true},
      {"10.1.2.0/23", "10.1.4.0", false},
      {"0.0.0.0/0", "8.8.8.8", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"10.0.0.1", "::ffff:10.0.0.1", true},
      {"::1", "::1", true},
      {"::1", "::2", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"127.0.0.1", "", false},
      {"unix", "", true},
      {"unix", "127.0.0.1", false},
      {"*", "8.8.8.8", true},
      {"*", "2001:db8::1", true},
      {"*", "", true},
      {"10.0.0.0/8, unix ::1", "::1", true},
      {"10.0.0.0/8, unix ::1", "10.9.9.9", true},
      {"", "127.0.0.1", false},
  };
  for (const auto& [range, peer, contained] : cases) {
    const auto ranges = AddressRanges::Parse(range);
    ASSERT_TRUE(ranges.ok()) << range;
    EXPECT_EQ(ranges->Contains(Peer(peer)), contained) << range << " and " << peer;
  }
}

TEST(AddressRangesTest, JoinedRangesHoldWhatOneOfThemHolds) {
  const auto joined = AddressRanges::Join(
      {*AddressRanges::Parse("unix"), *AddressRanges::Parse("10.0.0.0/8"), AddressRanges()});
  EXPECT_TRUE(joined.Contains(Peer("")));
  EXPECT_TRUE(joined.Contains(Peer("10.1.2.3")));
  EXPECT_FALSE(joined.Contains(Peer("11.1.2.3")));
  EXPECT_TRUE(AddressRanges::Join({}).empty());
}

TEST(AddressRangesTest, SaysWhatIsWrong) {
  for (const std::string text : {"localhost", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/",
                                 "10.0.0.0/-1", "1.2.3.4/8x", "10.0.0.1:80", "Unix"}) {
    const auto ranges = AddressRanges::Parse("127.0.0.1," + text);
    ASSERT_FALSE(ranges.ok()) << text;
    EXPECT_NE(ranges.error().message.find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace uwsgi
