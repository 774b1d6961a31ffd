// SPDX-License-Identifier: MIT

#include "supervise/supervisor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <utility>
#include <vector>

#include "support/child_process.h"

namespace uwsgi {
namespace {

using std::chrono::seconds;

// Processes that sleep, and a zygote that forks them when the test says so. What they say comes
// from the test: it has their ends of the links.
class SupervisorTest : public testing::Test {
 protected:
  struct Request {
    int seat;
    int slot;
    std::unique_ptr<Link> end;
    pid_t pid = 0;
  };

  ~SupervisorTest() override {
    for (const auto& request : requests_) {
      if (request.pid > 0) ::kill(request.pid, SIGKILL);
    }
    while (::waitpid(-1, nullptr, 0) > 0) continue;
  }

  void Make(ProcessKind kind, int count) {
    kind.name = kWorkerKind;
    Supervisor::Events events;
    events.start = [this](int seat, int slot, UniqueFd end) {
      requests_.push_back({seat, slot, std::make_unique<Link>(std::move(end))});
    };
    events.readable = [this] { supervisor_->ReadLinks(); };
    events.message = [this](const Message&) { ++messages_; };
    events.stray = [this](const Error&) { ++strays_; };
    events.ready = [this] { ++ready_; };
    events.failed_to_start = [this](int status) { failures_.push_back(status); };
    supervisor_ = std::make_unique<Supervisor>(loop_, std::move(kind), std::move(events));
    supervisor_->Want(count);
    supervisor_->OnOriginReady();
  }

  // Answers the requests that were made since.
  void StartAll() {
    for (; started_ < requests_.size(); ++started_) {
      Request& request = requests_[started_];
      request.pid = ::fork();
      if (request.pid == 0) {
        ::pause();
        ::_exit(0);
      }
      supervisor_->OnStarted(request.seat, request.slot, request.pid);
    }
  }

  void Say(std::size_t index, const Message& message) {
    ASSERT_TRUE(requests_[index].end->Send(message));
    supervisor_->ReadLinks();
  }
  void SayReady(std::size_t index) { Say(index, {.kind = MessageKind::kReady}); }
  void AskForReplacement(std::size_t index) {
    Say(index, Message::With(MessageKind::kRecycle,
                             Number{static_cast<int>(RecycleReason::kMaxRequests)}));
  }
  // Of `count` seats.
  void MakeReady(ProcessKind kind, int count) {
    Make(std::move(kind), count);
    StartAll();
    for (int i = 0; i < count; ++i) SayReady(static_cast<std::size_t>(i));
  }
  // What the master would say of its end.
  void End(std::size_t index) {
    Request& request = requests_[index];
    const pid_t pid = std::exchange(request.pid, 0);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    ASSERT_TRUE(supervisor_->OnExit(pid, {}));
  }
  bool WasToldToRetire(std::size_t index) {
    const auto message = requests_[index].end->TryReceive();
    return message && message->has_value() && (*message)->kind == MessageKind::kRetire;
  }
  bool EndsBySignal(std::size_t index, int signum) {
    int status = 0;
    const pid_t pid = requests_[index].pid;
    if (!WaitUntil([&] { return ::waitpid(pid, &status, WNOHANG) == pid; })) return false;
    requests_[index].pid = 0;
    return WIFSIGNALED(status) && WTERMSIG(status) == signum;
  }
  static ProcessKind StopFirst() {
    ProcessKind kind;
    kind.replacement = Replacement::kStopFirst;
    kind.restart.throttle = seconds(0);
    return kind;
  }

  os::EventLoop loop_;
  std::unique_ptr<Supervisor> supervisor_;
  std::vector<Request> requests_;
  std::size_t started_ = 0;
  int messages_ = 0;
  int strays_ = 0;
  int ready_ = 0;
  std::vector<int> failures_;
};

TEST_F(SupervisorTest, FillsEverySeatAndTellsOnceThatAllAreReady) {
  Make({}, 2);
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_TRUE(supervisor_->unanswered_since());
  StartAll();
  EXPECT_FALSE(supervisor_->unanswered_since());
  SayReady(0);
  EXPECT_EQ(ready_, 0);
  SayReady(1);
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(supervisor_->slots(), (std::vector{0, 2}));
}

TEST_F(SupervisorTest, NothingIsStartedWithoutAnOrigin) {
  Make({}, 1);
  supervisor_->OnOriginLost();
  EXPECT_TRUE(supervisor_->is_empty());
  supervisor_->OnTick();
  EXPECT_EQ(requests_.size(), 1U);
  // The answer comes too late: nobody is waited for.
  StartAll();
  EXPECT_TRUE(EndsBySignal(0, SIGKILL));
  supervisor_->OnOriginReady();
  EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(SupervisorTest, ReadyFirstTellsThePredecessorWhenTheSuccessorIsReady) {
  MakeReady({}, 1);
  AskForReplacement(0);
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_NE(requests_[0].slot, requests_[1].slot);
  StartAll();
  EXPECT_FALSE(WasToldToRetire(0));
  SayReady(1);
  EXPECT_TRUE(WasToldToRetire(0));
  End(0);
  EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(SupervisorTest, StopFirstStartsTheSuccessorWhenThePredecessorIsGone) {
  MakeReady(StopFirst(), 1);
  AskForReplacement(0);
  EXPECT_TRUE(WasToldToRetire(0));
  supervisor_->OnTick();
  EXPECT_EQ(requests_.size(), 1U);
  End(0);
  ASSERT_EQ(requests_.size(), 2U);
  StartAll();
  SayReady(1);
  supervisor_->OnTick();
  EXPECT_FALSE(WasToldToRetire(1));
}

TEST_F(SupervisorTest, StopFirstReplacesAllInTurn) {
  MakeReady(StopFirst(), 3);
  supervisor_->RecycleInTurn();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(WasToldToRetire(i));
    EXPECT_FALSE(i < 2 && WasToldToRetire(i + 1));
    End(i);
    StartAll();
    ASSERT_EQ(requests_.size(), i + 4);
    SayReady(i + 3);
  }
  supervisor_->OnTick();
  for (std::size_t i = 3; i < 6; ++i) EXPECT_FALSE(WasToldToRetire(i));
}

TEST_F(SupervisorTest, NeverLeavesASeatEmpty) {
  ProcessKind kind;
  kind.replacement = Replacement::kNever;
  MakeReady(kind, 1);
  End(0);
  supervisor_->OnTick();
  EXPECT_EQ(requests_.size(), 1U);
  EXPECT_TRUE(supervisor_->is_empty());
}

TEST_F(SupervisorTest, AnExecNeedsNoZygote) {
  ProcessKind kind = StopFirst();
  kind.origin = Origin::kExec;
  int asked = 0;
  Supervisor::Events events;
  events.start = [&asked](int, int, UniqueFd) { ++asked; };
  Supervisor(loop_, kind, std::move(events)).Want(2);
  EXPECT_EQ(asked, 2);
}

TEST_F(SupervisorTest, MoreSeatsAreFilledAndFewerRetiredGracefully) {
  MakeReady({}, 1);
  supervisor_->Want(3);
  ASSERT_EQ(requests_.size(), 3U);
  StartAll();
  SayReady(1);
  SayReady(2);
  supervisor_->Want(2);
  EXPECT_TRUE(WasToldToRetire(2));
  EXPECT_FALSE(WasToldToRetire(1));
  End(2);
  supervisor_->OnTick();
  EXPECT_EQ(requests_.size(), 3U);
  EXPECT_EQ(supervisor_->slots(), (std::vector{0, 2}));
  // And back, while nobody has changed his mind.
  supervisor_->Want(3);
  EXPECT_EQ(requests_.size(), 4U);
  EXPECT_EQ(requests_[3].seat, 3);
  EXPECT_EQ(ready_, 1);
}

TEST_F(SupervisorTest, OneThatIsNotReadyYetGoesByASignal) {
  Make({}, 1);
  StartAll();
  supervisor_->Want(0);
  EXPECT_TRUE(EndsBySignal(0, SIGHUP));
  EXPECT_FALSE(WasToldToRetire(0));
}

TEST_F(SupervisorTest, ASignalGoesWhereTheLinkDoesNot) {
  int told = 0;
  ProcessKind kind;
  kind.on_told = [&told](const ProcessHandle&, int signum) { told = signum; };
  MakeReady(kind, 1);
  ::shutdown(requests_[0].end->fd(), SHUT_RDWR);
  supervisor_->Drain();
  EXPECT_TRUE(EndsBySignal(0, SIGHUP));
  EXPECT_EQ(told, SIGHUP);
}

TEST_F(SupervisorTest, AFastStopSendsASignalAndKillsAfterItsMercy) {
  ProcessKind kind;
  kind.stop.fast_signal = SIGCONT;  // As if it took no notice.
  kind.stop.fast_mercy = std::chrono::milliseconds(0);
  MakeReady(kind, 1);
  supervisor_->Stop();
  supervisor_->OnTick();
  EXPECT_TRUE(EndsBySignal(0, SIGKILL));
}

TEST_F(SupervisorTest, WhatTheKindSaysIsDueIsReplacedAndWhatHangsIsKilledOnce) {
  bool is_due = false;
  bool is_stuck = false;
  int asked = 0;
  ProcessKind kind;
  kind.is_due = [&](const ProcessHandle&, ProcessKind::Clock::time_point) { return is_due; };
  kind.is_stuck = [&](const ProcessHandle&) {
    ++asked;
    return is_stuck;
  };
  MakeReady(kind, 1);
  supervisor_->OnTick();
  EXPECT_EQ(requests_.size(), 1U);
  is_due = true;
  supervisor_->OnTick();
  ASSERT_EQ(requests_.size(), 2U);
  is_stuck = true;
  asked = 0;
  supervisor_->OnTick();
  supervisor_->OnTick();
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(EndsBySignal(0, SIGKILL));
}

TEST_F(SupervisorTest, AnEndBeforeItWasReadyIsToldAndTheSecondOneDelaysTheNext) {
  Make({}, 1);
  StartAll();
  End(0);
  EXPECT_EQ(failures_, std::vector{1});
  ASSERT_EQ(requests_.size(), 2U);
  StartAll();
  End(1);
  supervisor_->OnTick();
  EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(SupervisorTest, HearsAProcessOnceItsStartIsKnown) {
  Make({}, 1);
  SayReady(0);
  EXPECT_EQ(ready_, 0);
  StartAll();
  supervisor_->ReadLinks();
  EXPECT_EQ(ready_, 1);
}

TEST_F(SupervisorTest, AsksForNoMoreAtATimeThanALinkHolds) {
  Make({}, 100);
  EXPECT_EQ(requests_.size(), 64U);
  supervisor_->OnTick();
  EXPECT_EQ(requests_.size(), 64U);
  StartAll();
  EXPECT_EQ(requests_.size(), 100U);
  EXPECT_FALSE(supervisor_->unanswered_since());
}

TEST_F(SupervisorTest, AStartThatFailedIsToldAndTriedAgainLater) {
  Make({}, 1);
  supervisor_->OnStartFailed(1, 1);  // It was not asked for.
  supervisor_->OnStartFailed(7, 0);
  supervisor_->OnStartFailed(-1, -1);
  EXPECT_TRUE(failures_.empty());
  supervisor_->OnStartFailed(1, 0);
  EXPECT_EQ(failures_, std::vector{1});
  EXPECT_TRUE(supervisor_->is_empty());
  supervisor_->OnTick();
  EXPECT_EQ(requests_.size(), 1U);
}

TEST_F(SupervisorTest, BelievesNobodyWhoIsNoChild) {
  Make({}, 1);
  supervisor_->OnStarted(1, 0, -1);
  supervisor_->OnStarted(1, 0, 0);
  supervisor_->OnStarted(99, 0, ::getppid());
  supervisor_->OnStarted(1, 1, ::getppid());
  EXPECT_TRUE(supervisor_->unanswered_since());
  // As if it had been reaped already: another one is asked for.
  supervisor_->OnStarted(1, 0, ::getppid());
  EXPECT_EQ(requests_.size(), 2U);
  EXPECT_EQ(::kill(::getppid(), 0), 0);
}

TEST_F(SupervisorTest, TellsApartWhatAProcessMaySay) {
  MakeReady({}, 1);
  Say(0, Message::With(MessageKind::kSignal, Number{SIGHUP}));
  EXPECT_EQ(messages_, 1);
  EXPECT_EQ(strays_, 0);
  Say(0, Message::With(MessageKind::kForked, ForkAnswer{.request = {}, .pid = ::getppid()}, 1));
  Say(0, {.kind = MessageKind::kRecycle});  // Without a reason.
  Say(0, {.kind = static_cast<MessageKind>(77)});
  EXPECT_EQ(strays_, 3);
  EXPECT_EQ(requests_.size(), 1U);
}

}  // namespace
}  // namespace uwsgi
