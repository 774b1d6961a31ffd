// SPDX-License-Identifier: MIT

#include "os/event_loop.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>

#include "base/unique_fd.h"
#include "os/fd_passing.h"
#include "os/thread.h"
#include "support/child_process.h"

namespace uwsgi::os {
namespace {

using std::chrono::milliseconds;

// Turns the loop until the condition holds.
bool TurnUntil(EventLoop& loop, const std::function<bool()>& condition) {
  return WaitUntil([&] {
    loop.RunOnce();
    return condition();
  });
}

TEST(EventLoopTest, RunReturnsAfterStop) {
  EventLoop loop;
  Timer timer(loop);
  int calls = 0;
  timer.Start(milliseconds(0), milliseconds(1), [&] {
    if (++calls == 3) loop.Stop();
  });
  loop.Run();
  EXPECT_EQ(calls, 3);
}

TEST(TimerTest, FiresOnceUnlessItRepeats) {
  EventLoop loop;
  Timer once(loop);
  Timer repeating(loop);
  Timer stopped(loop);
  int fired = 0;
  int repeated = 0;
  bool was_stopped = true;
  once.Start(milliseconds(0), milliseconds(0), [&] { ++fired; });
  repeating.Start(milliseconds(0), milliseconds(1), [&] { ++repeated; });
  stopped.Start(milliseconds(0), milliseconds(0), [&] { was_stopped = false; });
  stopped.Stop();
  EXPECT_TRUE(TurnUntil(loop, [&] { return repeated >= 3; }));
  EXPECT_EQ(fired, 1);
  EXPECT_TRUE(was_stopped);
}

TEST(TimerTest, TheBackendTimeoutIsTheNextTimer) {
  EventLoop loop;
  EXPECT_EQ(loop.backend_timeout(), 0);  // Nothing alive: there is nothing to wait for.
  Timer timer(loop);
  timer.Start(milliseconds(5000), milliseconds(0), [] {});
  loop.RunOnce();
  EXPECT_GT(loop.backend_timeout(), 1000);
  EXPECT_LE(loop.backend_timeout(), 5000);
}

TEST(BeforeWaitTest, ATimerThatItStartsEndsTheWaitOfTheSameTurn) {
  EventLoop loop;
  Timer timer(loop);
  int turns = 0;
  const BeforeWait before_wait(loop, [&] {
    if (++turns == 1) timer.Start(milliseconds(1), milliseconds(0), [&] { loop.Stop(); });
  });
  Timer late(loop);
  late.Start(milliseconds(10'000), milliseconds(0), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_LE(turns, 2);
  EXPECT_GT(loop.backend_timeout(), 0);
}

TEST(FdWatcherTest, FollowsReadinessThroughTheBackendDescriptor) {
  auto pair = MakeSocketPair();
  EventLoop loop;
  int events = 0;
  FdWatcher watcher;
  const auto note = [](void* context, int ready) { *static_cast<int*>(context) |= ready; };
  ASSERT_TRUE(watcher.Start(loop, pair->first.get(), FdWatcher::kReadable, note, &events));
  EXPECT_TRUE(loop.has_changes());
  loop.RunOnce();
  EXPECT_FALSE(loop.has_changes());
  EXPECT_EQ(events, 0);

  ASSERT_TRUE(*SendWithFds(pair->second.get(), "x", {}, Waiting::kWait));
  pollfd backend{loop.backend_fd(), POLLIN, 0};
  EXPECT_EQ(poll(&backend, 1, 10'000), 1);
  loop.RunOnce();
  EXPECT_EQ(events, FdWatcher::kReadable);

  events = 0;
  watcher.Stop();
  loop.RunOnce();
  EXPECT_EQ(events, 0);
  ASSERT_TRUE(watcher.Start(loop, pair->first.get(), FdWatcher::kWritable, note, &events));
  EXPECT_TRUE(TurnUntil(loop, [&] { return events == FdWatcher::kWritable; }));
  watcher.Close();
  EXPECT_FALSE(watcher.is_open());
}

TEST(FdWatcherTest, SaysWhenADescriptorCanNotBePolled) {
  EventLoop loop;
  FdWatcher watcher;
  EXPECT_FALSE(watcher.Start(
      loop, -1, FdWatcher::kReadable, [](void*, int) {}, nullptr));
  EXPECT_FALSE(watcher.is_open());
}

TEST(FdWatcherTest, NoCallbackComesAfterItsOwnerIsGone) {
  auto pair = MakeSocketPair();
  EventLoop loop;
  int calls = 0;
  const auto count = [](void* context, int) { ++*static_cast<int*>(context); };
  auto watcher = std::make_unique<FdWatcher>();
  ASSERT_TRUE(watcher->Start(loop, pair->first.get(), FdWatcher::kWritable, count, &calls));
  watcher.reset();
  loop.RunOnce();
  loop.RunOnce();
  EXPECT_EQ(calls, 0);
}

TEST(SignalWatcherTest, RunsItsCallbackInTheLoop) {
  EventLoop loop;
  int caught = 0;
  const SignalWatcher watcher(loop, SIGUSR1, [&] { ++caught; });
  raise(SIGUSR1);
  EXPECT_EQ(caught, 0);
  EXPECT_TRUE(TurnUntil(loop, [&] { return caught == 1; }));
}

TEST(WakeupTest, ReachesTheLoopFromOtherThreads) {
  EventLoop loop;
  int woken = 0;
  Wakeup wakeup(loop, [&] {
    ++woken;
    loop.Stop();
  });
  Thread thread;
  ASSERT_TRUE(thread.Start("sender", 0, [&] { wakeup.Send(); }).ok());
  loop.Run();
  thread.Join();
  EXPECT_EQ(woken, 1);
}

}  // namespace
}  // namespace uwsgi::os
