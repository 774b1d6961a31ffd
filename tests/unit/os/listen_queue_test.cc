// SPDX-License-Identifier: MIT

#include "os/listen_queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "os/address.h"
#include "os/listener.h"
#include "support/temp_dir.h"

namespace uwsgi::os {
namespace {

class ListenQueueTest : public testing::TestWithParam<const char*> {};

TEST_P(ListenQueueTest, CountsWhatNobodyHasAccepted) {
  const TempDir directory;
  const std::string parameter = GetParam();
  const std::string address = parameter.empty() ? directory.path() + "/socket" : parameter;
  ListenOptions options;
  options.backlog = 10;
  options.no_defer_accept = true;  // Else those that send nothing do not count.
  auto bound = OpenListener(address, Wire::kUwsgi, options);
  ASSERT_TRUE(bound.ok());
  const auto where = Resolve(*ParseAddress(bound->listener.name));
  ASSERT_TRUE(where.ok());
  std::vector<UniqueFd> clients;
  for (std::uint32_t count = 0; count < 3; ++count) {
    const auto queue = ReadListenQueue(bound->fd.get());
    ASSERT_TRUE(queue.has_value());
    EXPECT_EQ(queue->waiting, count);
    EXPECT_EQ(queue->limit, 10);
    clients.emplace_back(::socket(where->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(clients.back().get(), where->get(), where->size), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ListenQueueTest, testing::Values("127.0.0.1:0", "[::1]:0", ""));

TEST(ListenQueueOfTest, KnowsNothingOfWhatIsNoSocket) {
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(ReadListenQueue(file.get()).has_value());
  EXPECT_FALSE(ReadListenQueue(-1).has_value());
}

}  // namespace
}  // namespace uwsgi::os
