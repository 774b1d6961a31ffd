// SPDX-License-Identifier: MIT

#include "ipc/generation_channel.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "ipc/channel_ends.h"

namespace uwsgi {
namespace {

TEST(GenerationChannelTest, KeepsTheOrderOfMessages) {
  const Ends ends = MakeEnds();
  for (int id = 1; id <= 3; ++id) {
    ASSERT_TRUE(ends.zygote->Send({.kind = MessageKind::kForked, .worker_id = id, .pid = id * 10}));
  }
  for (int id = 1; id <= 3; ++id) {
    const auto message = ends.master->TryReceive();
    ASSERT_TRUE(message && message->has_value());
    EXPECT_EQ((*message)->kind, MessageKind::kForked);
    EXPECT_EQ((*message)->worker_id, id);
    EXPECT_EQ((*message)->pid, id * 10);
  }
  const auto none = ends.master->TryReceive();
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
}

TEST(GenerationChannelTest, TellsThatTheOtherSideIsGone) {
  Ends ends = MakeEnds();
  ends.master.reset();
  const auto received = ends.zygote->Receive();
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, ErrorCode::kClosed);
  EXPECT_FALSE(ends.zygote->Send({.kind = MessageKind::kLoaded}));
}

TEST(GenerationChannelTest, AMasterNeverWaitsForAZygoteThatDoesNotRead) {
  const Ends ends = MakeEnds();
  Result<void> sent;
  for (int i = 0; i < 100'000 && sent; ++i) {
    sent = ends.master->Send({.kind = MessageKind::kForkWorker});
  }
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kBusy);
}

TEST(GenerationChannelTest, ASignalHandlerMaySend) {
  const Ends ends = MakeEnds();
  GenerationChannel::SendFromSignalHandler(ends.zygote->fd(),
                                           {.kind = MessageKind::kSignal, .value = SIGHUP});
  const auto message = ends.master->TryReceive();
  ASSERT_TRUE(message && message->has_value());
  EXPECT_EQ((*message)->value, SIGHUP);
}

}  // namespace
}  // namespace uwsgi
