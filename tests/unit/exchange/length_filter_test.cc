// SPDX-License-Identifier: MIT

#include "exchange/length_filter.h"

#include <gtest/gtest.h>

#include "exchange/recording_filter.h"

namespace uwsgi {
namespace {

using testing::RecordingFilter;
using testing::SendText;

class LengthFilterTest : public ::testing::Test {
 protected:
  void SendHead(int code, std::optional<std::uint64_t> length, bool head_only = false) {
    filter_.Attach(head_only, next_);
    ResponseHead head;
    head.code = code;
    head.content_length = length;
    BodyPlan plan;
    EXPECT_EQ(filter_.SendHead(head, plan), Passed::kOn);
  }

  RecordingFilter next_;
  LengthFilter filter_;
};

TEST_F(LengthFilterTest, WithoutAPromiseEverythingPasses) {
  SendHead(200, std::nullopt);
  SendText(filter_, "123", Rest::kMore);
  SendText(filter_, "45", Rest::kEnd);
  EXPECT_EQ(next_.body, "12345");
  EXPECT_EQ(filter_.body_bytes(), 5U);
  EXPECT_TRUE(next_.heads[0].plan.has_body);
  EXPECT_FALSE(filter_.is_overlong());
}

TEST_F(LengthFilterTest, MoreThanWasPromisedIsCutOff) {
  SendHead(200, 5);
  EXPECT_EQ(next_.heads[0].plan.length, 5U);
  SendText(filter_, "123", Rest::kMore);
  EXPECT_FALSE(filter_.is_overlong());
  SendText(filter_, "456", Rest::kEnd);
  EXPECT_EQ(next_.body, "12345");
  EXPECT_TRUE(filter_.is_overlong());
  EXPECT_FALSE(filter_.is_short());
  EXPECT_EQ(next_.rests.back(), Rest::kEnd);
}

TEST_F(LengthFilterTest, LessThanWasPromisedIsNoEnd) {
  SendHead(200, 5);
  SendText(filter_, "123", Rest::kEnd);
  EXPECT_EQ(next_.rests.back(), Rest::kCut);
  EXPECT_TRUE(filter_.is_short());
  EXPECT_EQ(filter_.promised(), 5U);
}

TEST_F(LengthFilterTest, WhatTheFramingPromisesCountsToo) {
  next_.promise = 3;
  SendHead(200, std::nullopt);
  filter_.SendFile({nullptr, 0, 0, 3}, Rest::kMore);
  SendText(filter_, "more", Rest::kEnd);
  EXPECT_EQ(next_.body, "");
  EXPECT_TRUE(filter_.is_overlong());
}

TEST_F(LengthFilterTest, SomeResponsesHaveNoBody) {
  for (const int code : {204, 205, 304}) {
    SendHead(code, 5);
    EXPECT_FALSE(next_.heads.back().plan.has_body);
    SendText(filter_, "12345", Rest::kEnd);
    EXPECT_EQ(filter_.body_bytes(), 0U);
    EXPECT_FALSE(filter_.is_short());
  }
  SendHead(200, 5, true);
  SendText(filter_, "12345", Rest::kEnd);
  EXPECT_EQ(next_.body, "");
  EXPECT_EQ(next_.heads.back().plan.length, 5U);
}

TEST_F(LengthFilterTest, AFileIsCutAndCountedOnceItWasTaken) {
  SendHead(200, 5);
  next_.outcome = Passed::kUnavailable;
  EXPECT_EQ(filter_.SendFile({nullptr, 0, 0, 9}, Rest::kMore), Passed::kUnavailable);
  EXPECT_EQ(filter_.body_bytes(), 0U);
  next_.outcome = Passed::kOn;
  EXPECT_EQ(filter_.SendFile({nullptr, 0, 0, 9}, Rest::kMore), Passed::kOn);
  EXPECT_EQ(next_.file_sizes.back(), 5U);
  EXPECT_EQ(filter_.body_bytes(), 5U);
}

TEST_F(LengthFilterTest, AnErrorInsteadOwesNothing) {
  SendHead(200, 5);
  filter_.Replace(2);
  EXPECT_FALSE(filter_.is_short());
  EXPECT_EQ(filter_.body_bytes(), 2U);
}

}  // namespace
}  // namespace uwsgi
