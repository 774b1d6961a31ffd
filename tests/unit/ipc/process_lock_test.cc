// SPDX-License-Identifier: MIT

#include "ipc/process_lock.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "ipc/lock_table.h"
#include "ipc/region.h"
#include "support/child_process.h"
#include "support/killed_children.h"

namespace uwsgi {
namespace {

using Clock = ProcessLock::Clock;

// Zero memory that forked processes share.
class SharedPage {
 public:
  template <typename T>
  T& As() {
    static_assert(sizeof(T) <= 4096);
    return *reinterpret_cast<T*>(region_.data());
  }

 private:
  Region region_ = *Region::Create({.name = "page", .size = 4096});
};

Clock::time_point In(std::chrono::milliseconds time) { return Clock::now() + time; }
Clock::time_point Soon() { return In(std::chrono::milliseconds(20)); }
Clock::time_point Late() { return In(std::chrono::seconds(30)); }

class ProcessLockTest : public ::testing::Test {
 protected:
  SharedPage page_;
  ProcessLock& lock_ = page_.As<ProcessLock>();
};

TEST_F(ProcessLockTest, IsTakenOnceAndGivenBack) {
  EXPECT_EQ(lock_.Owner(), 0u);
  EXPECT_EQ(lock_.TryLock(), LockOutcome::kLocked);
  EXPECT_EQ(os::PidOf(lock_.Owner()), ::getpid());
  EXPECT_TRUE(lock_.Unlock());
  EXPECT_EQ(lock_.Owner(), 0u);
  EXPECT_FALSE(lock_.Unlock());
}

TEST_F(ProcessLockTest, SaysThatTheThreadHasItAlready) {
  ASSERT_EQ(lock_.TryLock(), LockOutcome::kLocked);
  EXPECT_EQ(lock_.TryLock(), LockOutcome::kOwn);
  EXPECT_EQ(lock_.LockUntil(Late()), LockOutcome::kOwn);
}

TEST_F(ProcessLockTest, AnotherThreadWaitsAndMayUnlock) {
  ASSERT_EQ(lock_.TryLock(), LockOutcome::kLocked);
  std::thread([this] {
    EXPECT_EQ(lock_.TryLock(), LockOutcome::kTimedOut);
    EXPECT_EQ(lock_.LockUntil(Soon()), LockOutcome::kTimedOut);
    EXPECT_TRUE(lock_.Unlock());
    EXPECT_EQ(lock_.TryLock(), LockOutcome::kLocked);
  }).join();
  EXPECT_EQ(lock_.TryLock(), LockOutcome::kTimedOut);  // That thread's, although it has ended.
  EXPECT_TRUE(lock_.Unlock());
}

TEST_F(ProcessLockTest, WakesWhoWaits) {
  ASSERT_EQ(lock_.TryLock(), LockOutcome::kLocked);
  std::atomic<bool> has_it = false;
  std::thread waiter([&] {
    EXPECT_EQ(lock_.LockUntil(Late()), LockOutcome::kLocked);
    has_it = true;
  });
  EXPECT_TRUE(lock_.Unlock());
  waiter.join();
  EXPECT_TRUE(has_it);
}

TEST_F(ProcessLockTest, AForkDoesNotInheritIt) {
  ASSERT_EQ(lock_.TryLock(), LockOutcome::kLocked);
  EXPECT_EQ(RunInChild([this] {
              if (lock_.Unlock()) return 1;
              return lock_.LockUntil(Soon()) == LockOutcome::kTimedOut ? 0 : 2;
            }),
            0);
  EXPECT_EQ(os::PidOf(lock_.Owner()), ::getpid());
}

TEST_F(ProcessLockTest, ComesFreeWhenItsOwnerDies) {
  EXPECT_EQ(RunInChild([this] { return lock_.TryLock() == LockOutcome::kLocked ? 0 : 1; }), 0);
  EXPECT_EQ(lock_.Owner(), 0u);
  EXPECT_EQ(lock_.LockUntil(Late()), LockOutcome::kRecovered);
  EXPECT_TRUE(lock_.Unlock());
}

TEST_F(ProcessLockTest, AZombieHasNoLock) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(lock_.TryLock() == LockOutcome::kLocked ? 0 : 1);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(lock_.Owner(), 0u);
  EXPECT_EQ(lock_.LockUntil(Late()), LockOutcome::kRecovered);
  ::waitpid(pid, nullptr, 0);
}

// What the lock guards: two numbers that are equal whenever nobody is inside.
struct Guarded {
  ProcessLock lock;
  std::atomic<std::uint64_t> first;
  std::atomic<std::uint64_t> second;
  std::atomic<std::uint64_t> recovered;
  std::atomic<std::uint64_t> violations;
};

TEST(ProcessLockKillTest, OneAtATimeIsInsideHoweverTheyDie) {
  constexpr std::uint64_t kOperations = 100'000;
  SharedPage page;
  auto& guarded = page.As<Guarded>();
  const auto work = [&guarded] {
    while (true) {
      const LockOutcome outcome = guarded.lock.LockUntil(Late());
      if (outcome == LockOutcome::kRecovered) {
        ++guarded.recovered;
        guarded.second = guarded.first.load();
      } else if (outcome != LockOutcome::kLocked || guarded.first != guarded.second) {
        ++guarded.violations;
      }
      guarded.first = guarded.first + 1;
      guarded.second = guarded.second + 1;
      if (!guarded.lock.Unlock()) ++guarded.violations;
    }
  };
  KillAtRandom(4, work, [&] { return guarded.first >= kOperations && guarded.recovered >= 10; });
  EXPECT_EQ(guarded.violations, 0u);
}

TEST(LockTableTest, HasTheNumbersFromZeroToTheOption) {
  const LockOptions options{.locks = 3};
  const auto region = Region::Create(LockTable::Spec(options));
  ASSERT_TRUE(region);
  const LockTable table(*region, options);
  EXPECT_NE(table.Find(0), nullptr);
  EXPECT_NE(table.Find(3), nullptr);
  EXPECT_EQ(table.Find(4), nullptr);
  EXPECT_EQ(table.Find(-1), nullptr);
}

TEST(LockTableTest, IsTheSameMemoryForOtherNumbersOfLocks) {
  EXPECT_EQ(LockTable::Spec({.locks = 0}), LockTable::Spec({.locks = 100}));
  EXPECT_GE(LockTable::Spec({.locks = 65536}).size, 65537 * sizeof(ProcessLock));
}

TEST(LockTableTest, UnlocksWhatTheThreadHas) {
  const LockOptions options{.locks = 3};
  const auto region = Region::Create(LockTable::Spec(options));
  ASSERT_TRUE(region);
  const LockTable table(*region, options);
  ASSERT_EQ(RunInChild([&] { return table.Find(1)->TryLock() == LockOutcome::kLocked ? 0 : 1; }),
            0);
  ASSERT_EQ(table.Find(2)->TryLock(), LockOutcome::kLocked);
  std::thread([&] { ASSERT_EQ(table.Find(3)->TryLock(), LockOutcome::kLocked); }).join();
  EXPECT_EQ(table.UnlockOwn(), 1);
  EXPECT_NE(table.Find(3)->Owner(), 0u);
  EXPECT_EQ(table.Find(2)->Owner(), 0u);
}

}  // namespace
}  // namespace uwsgi
