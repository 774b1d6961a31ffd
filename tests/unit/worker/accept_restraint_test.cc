// SPDX-License-Identifier: MIT

#include "worker/accept_restraint.h"

#include <gtest/gtest.h>

namespace uwsgi {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kNow = 5000 * kMs;

// Four workers on two processors; the test is about the one in slot 0.
class AcceptRestraintTest : public ::testing::Test {
 protected:
  AcceptRestraintTest() : scoreboard_(*Scoreboard::Create(4, 1)) {
    for (int slot = 0; slot < 4; ++slot) {
      EnterSlot(scoreboard_, slot + 1, slot);
      scoreboard_.process(slot).state = WorkerState::kReady;
    }
  }

  AcceptRestraint Of(int slot, int processors = 2) { return {scoreboard_, slot, processors}; }

  static bool Rests(AcceptRestraint restraint) { return restraint.NextRest(kNow).count() > 0; }

  Scoreboard scoreboard_;
};

TEST_F(AcceptRestraintTest, RestsWhileAsManyOthersRunAsThereAreProcessors) {
  EXPECT_FALSE(Rests(Of(0)));
  Of(1).NoteRunning(kNow - 10 * kMs);
  EXPECT_FALSE(Rests(Of(0)));
  Of(2).NoteRunning(kNow);
  EXPECT_TRUE(Rests(Of(0)));
  Of(1).NoteWaiting();
  EXPECT_FALSE(Rests(Of(0)));
}

TEST_F(AcceptRestraintTest, RestsLongerEachTimeInARowUpToALimit) {
  Of(1).NoteRunning(kNow);
  Of(2).NoteRunning(kNow);
  AcceptRestraint restraint = Of(0);
  for (const int expected : {1, 2, 4, 8, 16, 16}) {
    EXPECT_EQ(restraint.NextRest(kNow).count(), expected);
  }
  Of(1).NoteWaiting();
  EXPECT_EQ(restraint.NextRest(kNow).count(), 0);
  Of(1).NoteRunning(kNow);
  EXPECT_EQ(restraint.NextRest(kNow).count(), 1);
  EXPECT_EQ(restraint.NextRest(kNow).count(), 2);
  const std::int64_t later = kNow + 60 * kMs;
  for (const int slot : {1, 2}) Of(slot).NoteRunning(later);
  EXPECT_EQ(restraint.NextRest(later).count(), 1);
}

TEST_F(AcceptRestraintTest, CountsTheOthersOnly) {
  Of(0).NoteRunning(kNow);
  Of(1).NoteRunning(kNow);
  EXPECT_FALSE(Rests(Of(0)));
}

TEST_F(AcceptRestraintTest, WaitsForNoRequestThatMayTakeLong) {
  Of(1).NoteRunning(kNow - 30 * kMs);
  Of(2).NoteRunning(kNow);
  EXPECT_FALSE(Rests(Of(0)));
}

TEST_F(AcceptRestraintTest, NobodyRestsWhereRequestsAreStuck) {
  Of(1).NoteRunning(kNow);
  Of(2).NoteRunning(kNow);
  Of(3).NoteStuck(kNow - 100 * kMs);
  EXPECT_FALSE(Rests(Of(0)));
  Of(3).NoteStuck(kNow - 300 * kMs);
  EXPECT_TRUE(Rests(Of(0)));
}

TEST_F(AcceptRestraintTest, ProcessesThatDoNotServeDoNotCount) {
  Of(1).NoteRunning(kNow);
  Of(2).NoteRunning(kNow);
  ResetProcess(scoreboard_, 2);
  EXPECT_FALSE(Rests(Of(0)));
}

TEST_F(AcceptRestraintTest, NobodyRestsWhereProcessorsSuffice) {
  for (int slot = 1; slot < 4; ++slot) Of(slot).NoteRunning(kNow);
  EXPECT_FALSE(Rests(Of(0, 4)));
}

}  // namespace
}  // namespace uwsgi
