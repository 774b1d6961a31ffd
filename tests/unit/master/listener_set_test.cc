// SPDX-License-Identifier: MIT

#include "master/listener_set.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace uwsgi {
namespace {

class ListenerSetTest : public testing::Test {
 protected:
  std::string Path(const char* name) const { return directory_.path() + "/" + name; }

  TempDir directory_;
  ListenerSet set_;
  const TlsOptions tls_{};
};

TEST_F(ListenerSetTest, KeepsTheDescriptorsOfAddressesThatStay) {
  ListenOptions options;
  options.sockets = {Path("a"), Path("b")};
  const auto before = set_.OpenFor(options, tls_);
  ASSERT_TRUE(before) << before.error().message;
  options.sockets = {Path("b"), Path("c")};
  const auto after = set_.OpenFor(options, tls_);
  ASSERT_TRUE(after);
  ASSERT_EQ(after->size(), 2U);
  EXPECT_EQ((*after)[0].fd, (*before)[1].fd);
  // The old generation still accepts on what the new one has no use for.
  EXPECT_TRUE(std::filesystem::exists(Path("a")));
  set_.Retain(*after, true);
  EXPECT_FALSE(std::filesystem::exists(Path("a")));
  EXPECT_EQ(::lseek((*before)[0].fd, 0, SEEK_CUR), -1);
  EXPECT_EQ(errno, EBADF);
  set_.Close(true);
  EXPECT_FALSE(std::filesystem::exists(Path("b")));
  EXPECT_FALSE(std::filesystem::exists(Path("c")));
}

TEST_F(ListenerSetTest, AReloadMayChangeTheProtocol) {
  ListenOptions options;
  options.sockets = {Path("a")};
  const auto before = set_.OpenFor(options, tls_);
  ASSERT_TRUE(before) << before.error().message;
  options.http = std::exchange(options.sockets, {});
  const auto after = set_.OpenFor(options, tls_);
  ASSERT_TRUE(after) << after.error().message;
  ASSERT_EQ(after->size(), 1U);
  EXPECT_EQ((*after)[0].fd, (*before)[0].fd);
  EXPECT_EQ((*after)[0].wire, Wire::kHttp);
}

TEST_F(ListenerSetTest, EachProtocolHasAPortOfItsOwnWhereTheKernelChooses) {
  ListenOptions options;
  options.http = {"127.0.0.1:0"};
  options.sockets = {"127.0.0.1:0"};
  const auto opened = set_.OpenFor(options, tls_);
  ASSERT_TRUE(opened) << opened.error().message;
  ASSERT_EQ(opened->size(), 2U);
  EXPECT_EQ((*opened)[0].wire, Wire::kUwsgi);
  EXPECT_EQ((*opened)[1].wire, Wire::kHttp);
  EXPECT_NE((*opened)[0].port, (*opened)[1].port);
}

TEST_F(ListenerSetTest, AnAddressMayBeSpeltOtherwise) {
  ListenOptions options;
  options.http = {"localhost:0"};
  const std::string port = (*set_.OpenFor(options, tls_))[0].port;
  set_.Close(false);
  options.http = {"localhost:" + port};
  const auto before = set_.OpenFor(options, tls_);
  ASSERT_TRUE(before) << before.error().message;
  options.http = {"127.0.0.1:" + port};
  const auto after = set_.OpenFor(options, tls_);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ((*after)[0].fd, (*before)[0].fd);
  EXPECT_EQ((*after)[0].name, "127.0.0.1:" + port);
  options.http = {"localhost:" + port, "127.0.0.1:" + port};  // Not one socket for two.
  EXPECT_FALSE(set_.OpenFor(options, tls_));
}

TEST_F(ListenerSetTest, UnixSocketsWaitForTheUserUnlessTheyAreGivenAway) {
  ListenOptions options;
  options.sockets = {Path("a"), "127.0.0.1:0"};
  auto first = set_.OpenFor(options, tls_, ListenerSet::Phase::kBeforePrivileges);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 1U);
  EXPECT_EQ((*first)[0].family, AddressFamily::kTcp4);
  options.chown = std::to_string(::getuid());
  first = set_.OpenFor(options, tls_, ListenerSet::Phase::kBeforePrivileges);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->size(), 2U);
}

TEST_F(ListenerSetTest, NamesTheAddressThatCanNotBeOpened) {
  ListenOptions options;
  options.sockets = {"/nonexistent/socket"};
  const auto opened = set_.OpenFor(options, tls_);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("/nonexistent/socket"), std::string::npos);
}

}  // namespace
}  // namespace uwsgi
