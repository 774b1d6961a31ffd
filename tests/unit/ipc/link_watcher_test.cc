// SPDX-License-Identifier: MIT

#include "ipc/link_watcher.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "ipc/link_ends.h"

namespace uwsgi {
namespace {

class LinkWatcherTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(watcher_.Start(loop_, *ends_.master, [this] {
      ++wakes_;
      watcher_.Read([this](const Message& message) { kinds_.push_back(message.kind); },
                    [this](const Error&) { ++strays_; });
    }));
  }

  os::EventLoop loop_;
  Ends ends_ = MakeEnds();
  LinkWatcher watcher_;
  std::vector<MessageKind> kinds_;
  int strays_ = 0;
  int wakes_ = 0;
};

TEST_F(LinkWatcherTest, TakesAllMessagesAtOnceAndSkipsWhatIsNone) {
  ASSERT_TRUE(ends_.zygote->Send({.kind = MessageKind::kLoaded}));
  ASSERT_EQ(::send(ends_.zygote->fd(), "", 0, 0), 0);
  ASSERT_EQ(::send(ends_.zygote->fd(), "x", 1, 0), 1);
  ASSERT_TRUE(ends_.zygote->Send({.kind = MessageKind::kReady}));
  loop_.RunOnce();
  EXPECT_EQ(kinds_, (std::vector{MessageKind::kLoaded, MessageKind::kReady}));
  EXPECT_EQ(strays_, 2);
  EXPECT_EQ(wakes_, 1);
}

TEST_F(LinkWatcherTest, StopsOnceTheOtherSideIsGone) {
  ASSERT_TRUE(ends_.zygote->Send({.kind = MessageKind::kReady}));
  ends_.zygote.reset();
  for (int i = 0; i < 5; ++i) loop_.RunOnce();
  EXPECT_EQ(kinds_.size(), 1U);
  EXPECT_EQ(strays_, 0);
  EXPECT_LE(wakes_, 2);
}

TEST(OwnedLinkWatcherTest, MayBeDestroyedByWhatItCalls) {
  os::EventLoop loop;
  const Ends ends = MakeEnds();
  auto watcher = std::make_unique<LinkWatcher>();
  // Larger than what std::function keeps in itself.
  const std::string text(100, 'x');
  std::string seen;
  ASSERT_TRUE(watcher->Start(loop, *ends.master, [&watcher, &seen, text] {
    watcher.reset();
    seen = text;
  }));
  ASSERT_TRUE(ends.zygote->Send({.kind = MessageKind::kReady}));
  loop.RunOnce();
  EXPECT_EQ(watcher, nullptr);
  EXPECT_EQ(seen, text);
}

}  // namespace
}  // namespace uwsgi
