// SPDX-License-Identifier: MIT

#include "os/peer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace uwsgi::os {
namespace {

TEST(PeerIsThereTest, IsTrueUntilThePeerHasClosedAndItsBytesAreRead) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  const UniqueFd ours(fds[0]);
  UniqueFd theirs(fds[1]);
  EXPECT_TRUE(PeerIsThere(ours.get()));
  ASSERT_EQ(::write(theirs.get(), "x", 1), 1);
  theirs.reset();
  EXPECT_TRUE(PeerIsThere(ours.get()));
  char byte = 0;
  ASSERT_EQ(::read(ours.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  EXPECT_FALSE(PeerIsThere(ours.get()));
}

TEST(PeerIsThereTest, IsFalseForWhatIsNoSocket) { EXPECT_FALSE(PeerIsThere(-1)); }

}  // namespace
}  // namespace uwsgi::os
