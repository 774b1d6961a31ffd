// SPDX-License-Identifier: MIT

#include "master/chore_list.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace uwsgi {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class FakeChore final : public Chore {
 public:
  FakeChore(const milliseconds& interval, std::function<void()> on_tick)
      : interval_(interval), on_tick_(std::move(on_tick)) {}

  milliseconds interval() const override { return interval_; }
  void OnTick(Clock::time_point /*now*/) override { on_tick_(); }
  void OnServing(Generation& /*generation*/) override {}

 private:
  const milliseconds& interval_;
  std::function<void()> on_tick_;
};

class ChoreListTest : public testing::Test {
 protected:
  void Add(const milliseconds& interval, std::function<void()> on_tick) {
    chores_.Add(std::make_unique<FakeChore>(interval, std::move(on_tick)));
  }
  // Ends a loop that waits for what does not come.
  void RunFor(milliseconds deadline) {
    end_.Start(deadline, milliseconds(0), [this] { loop_.Stop(); });
    loop_.Run();
  }

  os::EventLoop loop_;
  os::Timer end_{loop_};
  ChoreList chores_{loop_};
};

TEST_F(ChoreListTest, EachChoreHasAnIntervalOfItsOwn) {
  const milliseconds often(2);
  const milliseconds seldom(30);
  const milliseconds hardly_ever = hours(1);
  int many = 0;
  int few = 0;
  int none = 0;
  Add(often, [&] { ++many; });
  Add(seldom, [&] {
    if (++few == 3) loop_.Stop();
  });
  Add(hardly_ever, [&] { ++none; });
  const auto start = Chore::Clock::now();
  RunFor(std::chrono::seconds(10));
  EXPECT_EQ(few, 3);
  EXPECT_GE(Chore::Clock::now() - start, 3 * seldom);
  EXPECT_GT(many, few);
  EXPECT_EQ(none, 0);
}

TEST_F(ChoreListTest, ThoseThatAreDueTogetherGoInTheirOrder) {
  const milliseconds interval(5);
  std::string order;
  Add(interval, [&] { order += 'a'; });
  Add(interval, [&] {
    order += 'b';
    loop_.Stop();
  });
  RunFor(std::chrono::seconds(10));
  EXPECT_EQ(order, "ab");
}

TEST_F(ChoreListTest, AnyEventMayChangeAnInterval) {
  milliseconds interval = hours(1);
  Add(interval, [&] { loop_.Stop(); });
  os::Timer event(loop_);
  event.Start(milliseconds(5), milliseconds(0), [&] { interval = milliseconds(1); });
  const auto start = Chore::Clock::now();
  RunFor(std::chrono::seconds(10));
  EXPECT_LT(Chore::Clock::now() - start, std::chrono::seconds(9));
}

// A chore that makes itself due again while it runs does not keep the loop from anything else.
TEST_F(ChoreListTest, AnIntervalOfNothingLeavesTurnsToOthers) {
  const milliseconds none(0);
  int ticks = 0;
  Add(none, [&] { ++ticks; });
  os::Timer other(loop_);
  other.Start(milliseconds(20), milliseconds(0), [&] { loop_.Stop(); });
  const auto start = Chore::Clock::now();
  RunFor(std::chrono::seconds(10));
  EXPECT_LT(Chore::Clock::now() - start, std::chrono::seconds(9));
  EXPECT_GT(ticks, 1);
}

}  // namespace
}  // namespace uwsgi
