// SPDX-License-Identifier: MIT

#include "os/exclusive_poller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "os/address.h"
#include "os/listener.h"
#include "support/child_process.h"

namespace uwsgi::os {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int kNow = 0;
constexpr int kListenerTag = 7;
constexpr int kLoopTag = -1;

class ExclusivePollerTest : public ::testing::Test {
 protected:
  ExclusivePollerTest()
      : listener_(std::move(*OpenListener("127.0.0.1:0", Wire::kUwsgi, NoDefer()))),
        loop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  static ListenOptions NoDefer() {
    ListenOptions options;
    options.no_defer_accept = true;
    return options;
  }

  UniqueFd Connect() const {
    const auto target = Resolve(*ParseAddress(listener_.listener.name));
    UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(fd.get(), target->get(), target->size), 0);
    return fd;
  }
  void WakeLoop() const { eventfd_write(loop_.get(), 1); }

  static std::vector<int> Wait(ExclusivePoller& poller, int timeout_ms) {
    std::array<ExclusivePoller::Ready, 8> ready;
    const int count = poller.Wait(timeout_ms, ready);
    std::vector<int> tags;
    for (int i = 0; i < count; ++i) tags.push_back(ready[static_cast<std::size_t>(i)].tag);
    return tags;
  }

  ExclusivePoller MakePoller() const {
    auto poller = ExclusivePoller::Create();
    EXPECT_TRUE(poller->Add(loop_.get(), kLoopTag).ok());
    EXPECT_TRUE(poller->AddListener(listener_.fd.get(), kListenerTag).ok());
    return std::move(*poller);
  }

  BoundListener listener_;
  UniqueFd loop_;  // Stands for the event loop's descriptor.
};

TEST_F(ExclusivePollerTest, ReportsTheTagsOfWhatIsReady) {
  ExclusivePoller poller = MakePoller();
  EXPECT_THAT(Wait(poller, kNow), IsEmpty());
  WakeLoop();
  EXPECT_THAT(Wait(poller, -1), ElementsAre(kLoopTag));
  const UniqueFd client = Connect();
  EXPECT_THAT(Wait(poller, -1), UnorderedElementsAre(kLoopTag, kListenerTag));
}

TEST_F(ExclusivePollerTest, LooksAtListenersOnlyWhileListening) {
  ExclusivePoller poller = MakePoller();
  poller.SetListening(false);
  const UniqueFd client = Connect();
  EXPECT_THAT(Wait(poller, kNow), IsEmpty());
  WakeLoop();
  EXPECT_THAT(Wait(poller, -1), ElementsAre(kLoopTag));
  poller.SetListening(true);
  EXPECT_THAT(Wait(poller, -1), UnorderedElementsAre(kLoopTag, kListenerTag));
}

TEST_F(ExclusivePollerTest, ListenersMayBeAddedAtAnyTime) {
  auto poller = ExclusivePoller::Create();
  ASSERT_TRUE(poller.ok());
  const UniqueFd client = Connect();
  poller->SetListening(false);
  Wait(*poller, kNow);
  ASSERT_TRUE(poller->AddListener(listener_.fd.get(), 9).ok());
  EXPECT_THAT(Wait(*poller, kNow), IsEmpty());
  poller->SetListening(true);
  EXPECT_THAT(Wait(*poller, -1), ElementsAre(9));
}

TEST_F(ExclusivePollerTest, RefusesWhatCanNotBePolled) {
  auto poller = ExclusivePoller::Create();
  EXPECT_FALSE(poller->Add(-1, 0).ok());
  EXPECT_FALSE(poller->AddListener(-1, 0).ok());
}

// Waiters that compete for one listener, as workers do, each in a thread of its own.
class Competition {
 public:
  explicit Competition(ExclusivePoller poller) : poller_(std::move(poller)) {
    thread_ = std::thread([this] {
      tid_ = gettid();
      std::array<ExclusivePoller::Ready, 8> ready;
      const int count = poller_.Wait(-1, ready);
      tag_ = count > 0 ? ready[0].tag : 0;
    });
    EXPECT_TRUE(WaitUntil([&] { return IsAsleep(); }));
  }
  Competition(Competition&&) = delete;
  ~Competition() { thread_.join(); }

  // The tag that ended the wait, 0 while it goes on.
  int tag() const { return tag_; }

 private:
  bool IsAsleep() const {
    std::string text;
    std::ifstream stat("/proc/self/task/" + std::to_string(tid_) + "/stat");
    std::getline(stat, text);
    const std::size_t end = text.rfind(')');
    return end != std::string::npos && text.at(end + 2) == 'S';
  }

  ExclusivePoller poller_;
  std::atomic<pid_t> tid_{0};
  std::atomic<int> tag_{0};
  std::thread thread_;
};

TEST_F(ExclusivePollerTest, AConnectionWakesOneWaiter) {
  Competition first(MakePoller());
  Competition second(MakePoller());
  const UniqueFd client = Connect();
  ASSERT_TRUE(WaitUntil([&] { return first.tag() != 0 || second.tag() != 0; }));
  // The loop's descriptor wakes everybody: had the connection woken the other one, it would have
  // reported the listener first.
  WakeLoop();
  ASSERT_TRUE(WaitUntil([&] { return first.tag() != 0 && second.tag() != 0; }));
  EXPECT_THAT((std::vector<int>{first.tag(), second.tag()}),
              UnorderedElementsAre(kListenerTag, kLoopTag));
}

TEST_F(ExclusivePollerTest, AWaiterThatDoesNotListenTakesNoWakeUp) {
  ExclusivePoller full = MakePoller();
  full.SetListening(false);
  Competition busy(std::move(full));
  Competition idle(MakePoller());
  const UniqueFd client = Connect();
  ASSERT_TRUE(WaitUntil([&] { return idle.tag() != 0; }));
  EXPECT_EQ(idle.tag(), kListenerTag);
  EXPECT_EQ(busy.tag(), 0);
  WakeLoop();
  ASSERT_TRUE(WaitUntil([&] { return busy.tag() != 0; }));
  EXPECT_EQ(busy.tag(), kLoopTag);
}

}  // namespace
}  // namespace uwsgi::os
