// SPDX-License-Identifier: MIT

#include "ipc/link.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <string>
#include <thread>

#include "ipc/link_ends.h"
#include "support/child_process.h"
#include "support/descriptor_limit.h"

namespace uwsgi {
namespace {

TEST(LinkTest, KeepsTheOrderOfMessages) {
  const Ends ends = MakeEnds();
  for (int seat = 1; seat <= 3; ++seat) {
    ASSERT_TRUE(ends.zygote->Send(
        Message::With(MessageKind::kForked, ForkAnswer{.request = {}, .pid = seat * 10}, seat)));
  }
  for (int seat = 1; seat <= 3; ++seat) {
    const auto message = ends.master->TryReceive();
    ASSERT_TRUE(message && message->has_value());
    EXPECT_EQ((*message)->kind, MessageKind::kForked);
    EXPECT_EQ((*message)->target, seat);
    EXPECT_EQ((*message)->As<ForkAnswer>()->pid, seat * 10);
    EXPECT_FALSE((*message)->As<Number>());
  }
  const auto none = ends.master->TryReceive();
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
}

TEST(LinkTest, GoesBothWaysAndADescriptorGoesWithAMessage) {
  const Ends ends = MakeEnds();
  Message order = Message::With(MessageKind::kFork, ForkRequest{.kind = {}, .slot = 7}, 4);
  order.fd = UniqueFd(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_TRUE(ends.master->Send(order));
  const auto message = ends.zygote->Receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->target, 4);
  EXPECT_EQ(message->As<ForkRequest>()->slot, 7);
  struct stat sent {};
  struct stat got {};
  ::fstat(order.fd.get(), &sent);
  ASSERT_EQ(::fstat(message->fd.get(), &got), 0);
  EXPECT_EQ(got.st_ino, sent.st_ino);
}

TEST(LinkTest, AMessageWhoseDescriptorFindsNoRoomComesWithoutIt) {
  const Ends ends = MakeEnds();
  Message order = Message::With(MessageKind::kFork, ForkRequest{}, 4);
  order.fd = UniqueFd(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_TRUE(ends.master->Send(order));
  EXPECT_EQ(RunInChild([&] {
              const DescriptorLimit limit(0);
              const auto message = ends.zygote->Receive();
              return message && message->target == 4 && !message->fd.valid() ? 0 : 1;
            }),
            0);
}

TEST(LinkTest, TellsThatTheOtherSideIsGone) {
  Ends ends = MakeEnds();
  ends.master.reset();
  const auto received = ends.zygote->Receive();
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, ErrorCode::kClosed);
  EXPECT_FALSE(ends.zygote->Send({.kind = MessageKind::kLoaded}));
}

TEST(LinkTest, WhatIsNoMessageIsSkipped) {
  const Ends ends = MakeEnds();
  const std::string large(sizeof(Message) + Link::kMaxPayload + 1000, 'x');
  ASSERT_EQ(::send(ends.zygote->fd(), "", 0, 0), 0);
  ASSERT_EQ(::send(ends.zygote->fd(), "1234567", 7, 0), 7);
  ASSERT_GT(::send(ends.zygote->fd(), large.data(), large.size(), 0), 0);
  ASSERT_TRUE(ends.zygote->Send({.kind = MessageKind::kReady}));
  EXPECT_EQ(ends.master->TryReceive().error().code, ErrorCode::kMalformed);
  EXPECT_EQ(ends.master->TryReceive().error().code, ErrorCode::kMalformed);
  EXPECT_EQ(ends.master->TryReceive().error().code, ErrorCode::kTooLarge);
  const auto good = ends.master->TryReceive();
  ASSERT_TRUE(good && good->has_value());
  EXPECT_EQ((*good)->kind, MessageKind::kReady);
}

TEST(LinkTest, APayloadHasAMost) {
  const Ends ends = MakeEnds();
  Message message{.kind = MessageKind::kReady, .payload = std::string(Link::kMaxPayload, 'x')};
  ASSERT_TRUE(ends.zygote->Send(message));
  EXPECT_EQ((*ends.master->TryReceive())->payload, message.payload);
  message.payload += 'x';
  EXPECT_EQ(ends.zygote->Send(message).error().code, ErrorCode::kTooLarge);
}

TEST(LinkTest, AMasterNeverWaitsForAProcessThatDoesNotRead) {
  const Ends ends = MakeEnds();
  Result<void> sent;
  for (int i = 0; i < 100'000 && sent; ++i) sent = ends.master->Send({.kind = MessageKind::kQuit});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::kBusy);
}

TEST(LinkTest, AProcessWaitsUntilTheMasterReads) {
  const Ends ends = MakeEnds();
  constexpr int kMany = 5000;  // Many times what the link holds.
  ASSERT_EQ(::fcntl(ends.zygote->fd(), F_SETFL, O_NONBLOCK), 0);
  std::thread sender([&] {
    for (int i = 0; i < kMany; ++i) (void)ends.zygote->Send({.kind = MessageKind::kReady});
  });
  int received = 0;
  EXPECT_TRUE(WaitUntil([&] {
    for (auto message = ends.master->TryReceive(); message && message->has_value();
         message = ends.master->TryReceive()) {
      ++received;
    }
    return received == kMany;
  }));
  sender.join();
}

TEST(LinkTest, ASignalHandlerMaySend) {
  const Ends ends = MakeEnds();
  const std::array<char, 4> payload{1, 0, 0, 0};
  Link::SendFromSignalHandler(ends.zygote->fd(), MessageKind::kSignal, payload);
  const auto message = ends.master->TryReceive();
  ASSERT_TRUE(message && message->has_value());
  EXPECT_EQ((*message)->As<Number>()->value, SIGHUP);
}

}  // namespace
}  // namespace uwsgi
