// SPDX-License-Identifier: MIT

#include "exchange/response_output.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "exchange/output_fixture.h"

namespace uwsgi {
namespace {

using ResponseOutputTest = testing::OutputFixture;

TEST_F(ResponseOutputTest, TheLastPieceTakesTheHeadAlong) {
  output_.tail() = "head ";
  EXPECT_EQ(Send("body", Rest::kEnd), Passed::kOn);
  EXPECT_EQ(Received(), "head body");
  EXPECT_TRUE(output_.is_drained());
}

TEST_F(ResponseOutputTest, ASmallPieceWaitsUntilSomebodySendsIt) {
  EXPECT_EQ(Send("small", Rest::kMore), Passed::kOn);
  EXPECT_EQ(Received(), "");
  EXPECT_EQ(wakes_, 1);
  held_.Send();
  EXPECT_EQ(Received(), "small");
  EXPECT_TRUE(held_.empty());
}

TEST_F(ResponseOutputTest, NobodySendsWhileItsThreadIsInside) {
  ASSERT_TRUE(output_.gate().Enter());
  Send("small", Rest::kMore);
  EXPECT_FALSE(output_.SendHeld());
  EXPECT_EQ(Received(), "");
  output_.gate().Leave();
  EXPECT_TRUE(output_.SendHeld());
  EXPECT_EQ(Received(), "small");
  output_.StopHolding();
}

TEST_F(ResponseOutputTest, ALargePieceGoesOutWithWhatWasHeld) {
  Send("small", Rest::kMore);
  const std::string large(20'000, 'x');
  EXPECT_EQ(Send(large, Rest::kMore), Passed::kOn);
  EXPECT_EQ(Received(), "small" + large);
  EXPECT_TRUE(held_.empty());
}

TEST_F(ResponseOutputTest, NothingIsHeldOnceTheSocketWasGivenAway) {
  output_.HoldNothing();
  Send("small", Rest::kMore);
  EXPECT_EQ(Received(), "small");
}

TEST_F(ResponseOutputTest, WhatSomethingFollowsAtOnceIsNotSentAlone) {
  const std::string large(20'000, 'x');
  EXPECT_EQ(Send(large, Rest::kSoon), Passed::kOn);
  EXPECT_EQ(Received(), "");
  EXPECT_TRUE(held_.empty());
  Send("end", Rest::kEnd);
  EXPECT_EQ(Received(), large + "end");
}

TEST_F(ResponseOutputTest, AFileIsSentInItsPlace) {
  std::string path = ::testing::TempDir() + "outputXXXXXX";
  const UniqueFd file(::mkstemp(path.data()));
  ::unlink(path.c_str());
  const std::string content(50'000, 'f');
  ASSERT_EQ(::write(file.get(), content.data(), content.size()), 50'000);
  output_.tail() = "before ";
  EXPECT_EQ(output_.SendFile({nullptr, file.get(), 0, content.size()}, " after", Rest::kMore),
            Passed::kOn);
  EXPECT_EQ(Received(), "before " + content + " after");
  EXPECT_TRUE(output_.used_file());
}

TEST_F(ResponseOutputTest, AFileThatCanNotBeKeptIsUnavailable) {
  EXPECT_EQ(output_.SendFile({nullptr, -1, 0, 50'000}, " after", Rest::kMore),
            Passed::kUnavailable);
  EXPECT_TRUE(output_.is_drained());
  EXPECT_FALSE(output_.used_file());
}

TEST_F(ResponseOutputTest, AnApplicationThatIsTooFastWaits) {
  const std::string much(4 << 20, 'm');
  EXPECT_EQ(Send(much, Rest::kMore), Passed::kFailed);
  EXPECT_EQ(waiter_.asides, 1);
  EXPECT_EQ(output_.status(), WriteStatus::kTimeout);
  EXPECT_TRUE(output_.is_broken());
}

TEST_F(ResponseOutputTest, TheLastPieceIsNotWaitedFor) {
  const std::string much(4 << 20, 'm');
  EXPECT_EQ(Send(much, Rest::kEnd), Passed::kOn);
  EXPECT_EQ(waiter_.asides, 0);
  EXPECT_FALSE(output_.is_drained());
}

TEST_F(ResponseOutputTest, WhatWasWrittenBeforeAnAbortGoesOut) {
  Send("small", Rest::kMore);
  EXPECT_EQ(output_.Fail(WriteStatus::kAborted), WriteStatus::kAborted);
  EXPECT_EQ(Received(), "small");
  EXPECT_EQ(output_.Fail(WriteStatus::kClosed), WriteStatus::kAborted) << "the first counts";
}

TEST_F(ResponseOutputTest, KnowsThatThePeerIsGone) {
  client_.reset();
  EXPECT_EQ(Send("body", Rest::kEnd), Passed::kFailed);
  EXPECT_EQ(output_.status(), WriteStatus::kClosed);
}

}  // namespace
}  // namespace uwsgi
