// SPDX-License-Identifier: MIT

#include "zygote/zygote.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "ipc/link.h"
#include "os/exit_status.h"
#include "os/process.h"
#include "supervise/process_kind.h"
#include "support/idle_app_host.h"

namespace uwsgi {
namespace {

// Says that it is ready, and ends with its seat's number once it is told to.
int RunRetiringWorker(const GenerationContext& context, const WorkerIdentity& identity) {
  const Link& link = *context.link;
  if (!context.descriptors.IsIntact(link.fd())) return 1;
  if (!link.Send({.kind = MessageKind::kReady})) return 1;
  const auto message = link.Receive();
  return message && message->kind == MessageKind::kRetire ? identity.worker_id : 1;
}

Result<ZygoteParts> SetUp(const BootedGeneration& generation) {
  static os::ProcessTitle title;
  ZygoteParts parts;
  parts.control = std::make_unique<ProcessControl>(generation.context, 65535, title, "");
  parts.host = std::make_unique<IdleAppHost>();
  parts.worker_main = [&generation](const WorkerIdentity& identity) {
    return RunRetiringWorker(generation.context, identity);
  };
  return parts;
}

// A real zygote, whose master is the test.
class ZygoteTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(os::BecomeSubreaper());
    GenerationContext context;
    context.master_pid = ::getpid();
    context.scoreboard = &*scoreboard_;
    context.lifeline_fd = STDIN_FILENO;
    ASSERT_TRUE(SendBootPacket(ends_.first, context, {}));
    zygote_ = ::fork();
    if (zygote_ == 0) {
      ends_.first.Release().reset();
      const UniqueFd own = ends_.second.Release();
      if (own.get() != kLinkFd) ::dup2(own.get(), kLinkFd);
      RunZygote(uwsgi::SetUp);
    }
    ends_.second.Release().reset();
    ASSERT_EQ(Receive()->kind, MessageKind::kClockZone);
    ASSERT_EQ(Receive()->kind, MessageKind::kLoaded);
  }
  void TearDown() override {
    ASSERT_TRUE(ends_.first.Send({.kind = MessageKind::kQuit}));
    EXPECT_EQ(os::WaitFor(zygote_)->code, 0);
  }

  Result<Message> Receive() { return ends_.first.Receive(); }
  // Returns the master's end of the new process's link.
  Link Ask(std::string_view kind, int seat, int slot) {
    auto ends = Link::Create();
    Message order = Message::With(MessageKind::kFork, ForkRequest::Of(kind, slot), seat);
    order.fd = ends->second.Release();
    EXPECT_TRUE(ends_.first.Send(order));
    return std::move(ends->first);
  }

  Result<Scoreboard> scoreboard_ = Scoreboard::Create(9, 1);
  std::pair<Link, Link> ends_ = *Link::Create();
  pid_t zygote_ = 0;
};

TEST_F(ZygoteTest, ForksWorkersWithLinksOfTheirOwn) {
  for (const int seat : {7, 9}) {
    const Link link = Ask(kWorkerKind, seat, 2 * seat - 1);
    const auto forked = Receive();
    ASSERT_TRUE(forked);
    EXPECT_EQ(forked->kind, MessageKind::kForked);
    EXPECT_EQ(forked->target, seat);
    const auto answer = forked->As<ForkAnswer>();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->request.kind_name(), kWorkerKind);
    EXPECT_EQ(answer->request.slot, 2 * seat - 1);
    EXPECT_EQ(link.Receive()->kind, MessageKind::kReady);
    EXPECT_EQ(scoreboard_->process(2 * seat - 1).pid, answer->pid);
    EXPECT_EQ(scoreboard_->process(2 * seat - 1).worker_id, seat);
    ASSERT_TRUE(link.Send({.kind = MessageKind::kRetire}));
    EXPECT_EQ(os::WaitFor(answer->pid)->code, seat);
  }
}

TEST_F(ZygoteTest, KeepsNoLinkOfAWorker) {
  const Link link = Ask(kWorkerKind, 7, 12);
  const auto answer = Receive()->As<ForkAnswer>();
  ASSERT_TRUE(answer);
  EXPECT_EQ(link.Receive()->kind, MessageKind::kReady);
  ASSERT_TRUE(link.Send({.kind = MessageKind::kRetire}));
  EXPECT_EQ(os::WaitFor(answer->pid)->code, 7);
  EXPECT_EQ(link.Receive().error().code, ErrorCode::kClosed);
}

TEST_F(ZygoteTest, RefusesAKindThatItDoesNotKnow) {
  const Link link = Ask("mystery", 3, 4);
  const auto refused = Receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->kind, MessageKind::kForkFailed);
  EXPECT_EQ(refused->target, 3);
  EXPECT_EQ(refused->As<ForkAnswer>()->request.kind_name(), "mystery");
  EXPECT_EQ(refused->As<ForkAnswer>()->request.slot, 4);
}

TEST_F(ZygoteTest, RefusesToForkWithoutALink) {
  ASSERT_TRUE(
      ends_.first.Send(Message::With(MessageKind::kFork, ForkRequest::Of(kWorkerKind, 0), 1)));
  EXPECT_EQ(Receive()->kind, MessageKind::kForkFailed);
}

}  // namespace
}  // namespace uwsgi
