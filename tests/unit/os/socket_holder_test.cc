// SPDX-License-Identifier: MIT

#include "os/socket_holder.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "base/unique_fd.h"
#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

std::string ThisProcess() {
  std::string name;
  std::getline(std::ifstream("/proc/self/comm"), name);
  return "process " + std::to_string(getpid()) + " (" + name + ")";
}

SocketAddress AddressOf(const UniqueFd& socket) {
  SocketAddress address;
  address.size = sizeof(address.storage);
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  return address;
}

// Of a port that the kernel has chosen, at all addresses or at 127.0.0.1.
UniqueFd BindTcp4(std::uint32_t host) {
  UniqueFd bound(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  EXPECT_EQ(bind(bound.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return bound;
}

TEST(SocketHolderTest, NamesWhoListensAtAnAddress) {
  const UniqueFd listener = BindTcp4(INADDR_LOOPBACK);
  const SocketAddress address = AddressOf(listener);
  EXPECT_EQ(DescribeSocketHolder(address), "");  // Bound, but nobody listens.
  ASSERT_EQ(listen(listener.get(), 1), 0);
  EXPECT_EQ(DescribeSocketHolder(address), ThisProcess());
}

TEST(SocketHolderTest, WhoListensEverywhereHoldsEachAddressOfThePort) {
  const UniqueFd listener = BindTcp4(INADDR_ANY);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  SocketAddress address = AddressOf(listener);
  reinterpret_cast<sockaddr_in&>(address.storage).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(DescribeSocketHolder(address), ThisProcess());
}

TEST(SocketHolderTest, NamesWhoListensAtAPath) {
  const TempDir directory;
  SocketAddress address;
  auto& unix_address = reinterpret_cast<sockaddr_un&>(address.storage);
  unix_address.sun_family = AF_UNIX;
  const std::string path = directory / "socket";
  std::snprintf(unix_address.sun_path, sizeof unix_address.sun_path, "%s", path.c_str());
  address.size = sizeof unix_address;
  EXPECT_EQ(DescribeSocketHolder(address), "");
  const UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(listener.get(), address.get(), address.size), 0);
  ASSERT_EQ(listen(listener.get(), 1), 0);
  EXPECT_EQ(DescribeSocketHolder(address), ThisProcess());
}

}  // namespace
}  // namespace uwsgi::os
