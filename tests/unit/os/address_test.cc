// SPDX-License-Identifier: MIT

#include "os/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

namespace uwsgi::os {
namespace {

using ::testing::HasSubstr;

TEST(ResolveTest, GivesNetworkAddresses) {
  const auto v4 = Resolve(*ParseAddress("127.0.0.1:3031"));
  ASSERT_TRUE(v4.ok());
  const auto* in = reinterpret_cast<const sockaddr_in*>(v4->get());
  EXPECT_EQ(in->sin_family, AF_INET);
  EXPECT_EQ(ntohs(in->sin_port), 3031);
  EXPECT_EQ(ntohl(in->sin_addr.s_addr), INADDR_LOOPBACK);

  const auto v6 = Resolve(*ParseAddress("[::1]:3031"));
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(v6->family(), AF_INET6);
}

TEST(ResolveTest, SaysWhichHostIsUnknown) {
  const auto resolved = Resolve(*ParseAddress("256.1.1.1.invalid:80"));
  ASSERT_FALSE(resolved.ok());
  EXPECT_THAT(resolved.error().message, HasSubstr("256.1.1.1.invalid"));
}

TEST(ResolveTest, AbstractNamesStartWithNul) {
  const auto resolved = Resolve(*ParseAddress("@site"));
  ASSERT_TRUE(resolved.ok());
  const auto* un = reinterpret_cast<const sockaddr_un*>(resolved->get());
  EXPECT_EQ(un->sun_path[0], '\0');
  EXPECT_EQ(resolved->size, offsetof(sockaddr_un, sun_path) + 5);
}

TEST(ReadLocalNameTest, NamesTheFamilyOfASocket) {
  const int v6 = socket(AF_INET6, SOCK_STREAM, 0);
  if (v6 >= 0) {
    const auto name = ReadLocalName(v6);
    ASSERT_TRUE(name.ok());
    EXPECT_EQ(name->family, AddressFamily::kTcp6);
    EXPECT_EQ(name->name, "[::]:0");
    close(v6);
  }
  const int local = socket(AF_UNIX, SOCK_STREAM, 0);
  EXPECT_EQ(ReadLocalName(local)->family, AddressFamily::kUnix);
  close(local);
  EXPECT_FALSE(ReadLocalName(-1).ok());
}

}  // namespace
}  // namespace uwsgi::os
