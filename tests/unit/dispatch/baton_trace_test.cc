// SPDX-License-Identifier: MIT

#include "dispatch/baton_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace uwsgi {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

TEST(BatonTraceTest, WritesEventsInTheirOrderWithCoreAndName) {
  BatonTrace trace;
  trace.Note(TraceEvent::kLead, 0);
  trace.Note(TraceEvent::kApplication, 0);
  trace.Note(TraceEvent::kArmed, -1);
  const std::string text = trace.Text();
  EXPECT_THAT(text, StartsWith("0.0\t0\tlead\n"));
  EXPECT_THAT(text, EndsWith("\t-1\tarmed\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(BatonTraceTest, KeepsTheLastEvents) {
  BatonTrace trace;
  trace.Note(TraceEvent::kPark, 7);
  for (std::size_t i = 0; i < BatonTrace::kCapacity; ++i) trace.Note(TraceEvent::kWait, 1);
  const std::string text = trace.Text();
  EXPECT_EQ(text.find("park"), std::string::npos);
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')),
            BatonTrace::kCapacity);
}

TEST(BatonTraceTest, IsEmptyBeforeAnythingHappened) { EXPECT_EQ(BatonTrace().Text(), ""); }

}  // namespace
}  // namespace uwsgi
