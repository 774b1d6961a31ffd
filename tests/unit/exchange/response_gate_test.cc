// SPDX-License-Identifier: MIT

#include "exchange/response_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace uwsgi {
namespace {

using Visit = ResponseGate::Visit;

TEST(ResponseGateTest, NobodyVisitsWhileItsThreadIsInside) {
  ResponseGate gate;
  gate.Open();
  ASSERT_TRUE(gate.Enter());
  EXPECT_EQ(gate.TryVisit(), Visit::kBusy);
  EXPECT_FALSE(gate.Enter()) << "an exception left the writer there";
  EXPECT_TRUE(gate.Leave());
  EXPECT_EQ(gate.TryVisit(), Visit::kInside);
  gate.EndVisit();
  EXPECT_TRUE(gate.Enter());
}

TEST(ResponseGateTest, AClosedGateLetsNobodyIn) {
  ResponseGate gate;
  gate.Open();
  EXPECT_FALSE(gate.Close()) << "nobody is inside";
  EXPECT_TRUE(gate.is_closed());
  EXPECT_FALSE(gate.Enter());
  EXPECT_EQ(gate.TryVisit(), Visit::kClosed);
  gate.Open();
  EXPECT_FALSE(gate.is_closed());
  EXPECT_TRUE(gate.Enter());
}

TEST(ResponseGateTest, WhoIsInsideLearnsThatItWasClosed) {
  ResponseGate gate;
  gate.Open();
  ASSERT_TRUE(gate.Enter());
  EXPECT_TRUE(gate.Close());
  EXPECT_FALSE(gate.Leave());
  EXPECT_FALSE(gate.Enter());
}

TEST(ResponseGateTest, EnteringWaitsForAVisitor) {
  ResponseGate gate;
  gate.Open();
  ASSERT_EQ(gate.TryVisit(), Visit::kInside);
  std::atomic<bool> has_entered{false};
  std::thread writer([&] {
    EXPECT_TRUE(gate.Enter());
    has_entered = true;
  });
  for (int i = 0; i < 100; ++i) std::this_thread::yield();
  EXPECT_FALSE(has_entered);
  gate.EndVisit();
  writer.join();
  EXPECT_TRUE(has_entered);
}

}  // namespace
}  // namespace uwsgi
