// SPDX-License-Identifier: MIT

#include "dispatch/dispatcher.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "dispatch/fake_reactor.h"
#include "os/clock.h"
#include "support/child_process.h"
#include "support/fake_gateway.h"

namespace uwsgi {
namespace {

using testing::FakeGateway;
using testing::Right;
using namespace std::chrono_literals;

DispatcherOptions Threads(int count) {
  DispatcherOptions options;
  options.threads = count;
  return options;
}

// Serves `count` requests that are all there from the start. The number of threads that it took, 0
// if the dispatcher failed.
int ServeAll(FakeGateway& gateway, FakeReactor& reactor, int count, int threads) {
  reactor.Arrive(count);
  reactor.StopWhenDone();
  Dispatcher dispatcher(Threads(threads), gateway, reactor, reactor);
  return dispatcher.Run().ok() ? dispatcher.threads_started() : 0;
}

// Lets applications wait until a number of them do.
class Gate {
 public:
  // False after a deadline that only a broken dispatcher reaches.
  bool WaitFor(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    ++inside_;
    changed_.notify_all();
    return changed_.wait_for(lock, 20s, [&] { return inside_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
};

TEST(DispatcherTest, RunsNBlockingRequestsAtOnceOnNThreads) {
  constexpr int kThreads = 30;
  Gate gate;
  std::atomic<int> together{0};
  FakeGateway gateway([&](FakeGateway& self, Exchange&) {
    self.Block([&] { together += gate.WaitFor(kThreads) ? 1 : 0; });
  });
  FakeReactor reactor(kThreads);
  ASSERT_GT(ServeAll(gateway, reactor, kThreads, kThreads), 0);
  EXPECT_EQ(together, kThreads);
  EXPECT_EQ(reactor.most_cores(), kThreads);
  EXPECT_EQ(gateway.attached(), 0);
}

TEST(DispatcherTest, NeverRunsMoreThanNRequestsAtOnce) {
  constexpr int kThreads = 4;
  FakeGateway gateway(
      [](FakeGateway& self, Exchange&) { self.Block([] { std::this_thread::yield(); }); });
  FakeReactor reactor(2000);
  ASSERT_GT(ServeAll(gateway, reactor, 2000, kThreads), 0);
  EXPECT_LE(gateway.most_running(), kThreads);
  EXPECT_EQ(reactor.finished(), 2000);
}

TEST(DispatcherTest, RunsEverythingOnTheCallingThreadWhenThereIsOne) {
  std::vector<std::thread::id> servers;
  FakeGateway gateway([&](FakeGateway& self, Exchange&) {
    servers.push_back(std::this_thread::get_id());
    self.Block([] { std::this_thread::sleep_for(3ms); });
  });
  FakeReactor reactor(20);
  ASSERT_GT(ServeAll(gateway, reactor, 20, 1), 0);
  ASSERT_EQ(servers.size(), 20U);
  for (const auto& server : servers) EXPECT_EQ(server, std::this_thread::get_id());
}

TEST(DispatcherTest, KeepsTheLoopAliveWhileAllThreadsBlock) {
  FakeReactor reactor(3);
  std::atomic<bool> alive{false};
  FakeGateway gateway([&](FakeGateway& self, Exchange&) {
    self.Block([&] {
      const auto deadline = std::chrono::steady_clock::now() + 20s;
      while (reactor.cared() == 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
      }
      alive = reactor.cared() > 0;
    });
  });
  ASSERT_GT(ServeAll(gateway, reactor, 3, 3), 0);
  EXPECT_TRUE(alive);
}

TEST(DispatcherTest, LooksAtTheLoopWhileRequestsAreAlwaysReady) {
  FakeGateway gateway([](FakeGateway&, Exchange&) {});
  FakeReactor reactor(1000);
  ASSERT_GT(ServeAll(gateway, reactor, 1000, 1), 0);
  EXPECT_GE(reactor.polled(), 10);
}

TEST(DispatcherTest, KeepsTheLoopAliveWhileARequestComputes) {
  FakeReactor reactor(1);
  bool alive = false;
  FakeGateway gateway([&](FakeGateway&, Exchange&) {  // Never lets go of the right.
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (reactor.cared() == 0 && std::chrono::steady_clock::now() < deadline) {
    }
    alive = reactor.cared() > 0;
  });
  ASSERT_GT(ServeAll(gateway, reactor, 1, 4), 0);
  EXPECT_TRUE(alive);
}

TEST(DispatcherTest, StartsNoThreadsForRequestsThatDoNotBlock) {
  FakeGateway gateway([](FakeGateway&, Exchange&) {});
  FakeReactor reactor(50000);
  const int started = ServeAll(gateway, reactor, 50000, 30);
  ASSERT_GT(started, 0);
  // A loaded machine may suspend the lead for a tick: then one standby is armed.
  EXPECT_LE(started, 2);
}

TEST(DispatcherTest, StartsThreadsForRequestsThatWaitForLessThanATick) {
  FakeGateway gateway([](FakeGateway& own, Exchange&) {
    own.Block([] { std::this_thread::sleep_for(std::chrono::microseconds(1500)); });
  });
  FakeReactor reactor(500);
  ASSERT_GT(ServeAll(gateway, reactor, 500, 8), 0);
  EXPECT_EQ(gateway.most_running(), 8);
}

// Threads that were needed at once end when they are not needed any more, and come back.
TEST(DispatcherTest, LetsSpareThreadsGoAndMakesThemAgain) {
  constexpr int kThreads = 6;
  Gate first;
  Gate second;
  std::atomic<int> together{0};
  FakeGateway gateway([&](FakeGateway& self, Exchange& exchange) {
    Gate& gate = static_cast<FakeExchange&>(exchange).number() < kThreads ? first : second;
    self.Block([&] { together += gate.WaitFor(kThreads) ? 1 : 0; });
  });
  FakeReactor reactor(2 * kThreads);
  DispatcherOptions options = Threads(kThreads);
  options.spare_time = 20ms;
  Dispatcher dispatcher(options, gateway, reactor, reactor);
  std::thread client([&] {
    reactor.Arrive(kThreads);
    EXPECT_TRUE(WaitUntil([&] { return reactor.finished() == kThreads; }));
    // The first one stays, and whoever is the lead.
    EXPECT_TRUE(WaitUntil([&] { return dispatcher.threads_alive() <= 2; }));
    EXPECT_EQ(gateway.attached(), dispatcher.threads_alive());
    reactor.Arrive(kThreads);
    reactor.StopWhenDone();
  });
  ASSERT_TRUE(dispatcher.Run().ok());
  client.join();
  EXPECT_EQ(together, 2 * kThreads);
  EXPECT_EQ(dispatcher.threads_started(), kThreads);
  EXPECT_EQ(gateway.attached(), 0);
}

TEST(DispatcherTest, ServesRequestsThatComeOneByOne) {
  FakeGateway gateway([](FakeGateway&, Exchange&) {});
  FakeReactor reactor(300);
  Dispatcher dispatcher(Threads(4), gateway, reactor, reactor);
  std::thread client([&] {
    for (int request = 0; request < 300; ++request) {
      reactor.Arrive(1);
      const auto deadline = std::chrono::steady_clock::now() + 20s;
      while (reactor.finished() <= request) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "lost wake-up";
        std::this_thread::yield();
      }
    }
    reactor.StopWhenDone();
  });
  ASSERT_TRUE(dispatcher.Run().ok());
  client.join();
  EXPECT_EQ(reactor.finished(), 300);
}

// Short requests, some of which block for a random while, on few threads: every order of losing
// and regaining the loop happens.
void ServeMany(int count, Right right) {
  FakeGateway gateway(
      [](FakeGateway& self, Exchange&) {
        thread_local std::minstd_rand random(
            static_cast<unsigned>(std::hash<std::thread::id>()(std::this_thread::get_id())));
        const auto dice = random() % 1000;
        if (dice < 995) return;  // On a busy machine every yield lasts for a time slice.
        self.Block([dice] {
          if (dice < 999) {
            std::this_thread::yield();
          } else {
            std::this_thread::sleep_for(std::chrono::microseconds(200));
          }
        });
      },
      right);
  FakeReactor reactor(count);
  Dispatcher dispatcher(Threads(5), gateway, reactor, reactor);
  std::thread client([&] {
    std::minstd_rand random(7);
    for (int sent = 0; sent < count;) {
      const int burst = std::min<int>(count - sent, 1 + static_cast<int>(random() % 400));
      reactor.Arrive(burst);
      sent += burst;
      if (random() % 4 == 0) std::this_thread::yield();
    }
    reactor.StopWhenDone();
  });
  ASSERT_TRUE(dispatcher.Run().ok());
  client.join();
  EXPECT_EQ(reactor.finished(), count);
  for (int number = 0; number < count; ++number) {
    ASSERT_EQ(reactor.exchange(number).served, 1) << "request " << number;
  }
}

TEST(DispatcherTest, LosesNoRequestOfAMillion) { ServeMany(1'000'000, Right::kMutex); }

TEST(DispatcherTest, LosesNoRequestWithAFairLock) { ServeMany(100'000, Right::kFair); }

TEST(DispatcherTest, LosesNoRequestWithoutALock) { ServeMany(20'000, Right::kNone); }

TEST(DispatcherTest, StartsRequestsInTheOrderOfTheirArrival) {
  constexpr int kCount = 20000;
  std::vector<int> started;  // Guarded by the execution right.
  FakeGateway gateway([&](FakeGateway& self, Exchange& exchange) {
    const int number = static_cast<FakeExchange&>(exchange).number();
    started.push_back(number);
    if (number % 7 == 0) self.Block([] { std::this_thread::yield(); });
  });
  FakeReactor reactor(kCount);
  ASSERT_GT(ServeAll(gateway, reactor, kCount, 5), 0);
  ASSERT_EQ(started.size(), static_cast<std::size_t>(kCount));
  EXPECT_TRUE(std::ranges::is_sorted(started));
}

// Keeps the execution right for ten milliseconds of processor time.
void Compute() {
  const auto used = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  };
  const auto end = used() + 10ms;
  while (used() < end) {
  }
}

// Between two requests that compute, whoever else wants the execution right gets it: a request
// that has waited for something, and a thread of the application.
TEST(DispatcherTest, LetsOthersRunBetweenLongRequests) {
  constexpr int kTurns = 5;
  std::atomic<int> started{0};
  std::atomic<bool> went_on{false};
  std::atomic<int> turns{0};
  bool went_on_meanwhile = false;  // These two are guarded by the execution right.
  int turns_meanwhile = 0;
  FakeGateway gateway(
      [&](FakeGateway& self, Exchange& exchange) {
        ++started;
        if (static_cast<FakeExchange&>(exchange).number() == 0) {
          self.Block([&] {
            while (started < 10) std::this_thread::yield();
          });
          went_on = true;
          return;
        }
        went_on_meanwhile = went_on;
        turns_meanwhile = turns;
        if (!went_on || turns < kTurns) Compute();
      },
      Right::kFair);
  FakeReactor reactor(1000);
  reactor.Arrive(1000);
  reactor.StopWhenDone();
  std::atomic<bool> stop{false};
  std::thread own_thread([&] {
    while (!stop) {
      gateway.Acquire();
      ++turns;
      gateway.Release();
    }
  });
  Dispatcher dispatcher(Threads(3), gateway, reactor, reactor);
  ASSERT_TRUE(dispatcher.Run().ok());
  stop = true;
  own_thread.join();
  EXPECT_TRUE(went_on_meanwhile);
  EXPECT_GE(turns_meanwhile, kTurns);
}

}  // namespace
}  // namespace uwsgi
