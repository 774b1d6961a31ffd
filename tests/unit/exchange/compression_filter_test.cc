// SPDX-License-Identifier: MIT

#include "exchange/compression_filter.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "exchange/recording_filter.h"
#include "support/gunzip.h"

namespace uwsgi {
namespace {

using testing::RecordingFilter;
using testing::SendText;

// Counts how often it was told to step aside.
class CountingWaiter final : public Waiter {
 public:
  void StepAside() override { ++asides; }
  void StepBack() override {}
  IoStatus Wait(int, Direction, std::chrono::milliseconds) override { return IoStatus::kTimeout; }

  int asides = 0;
};

CompressionOptions Gzip() {
  CompressionOptions options;
  options.codings = *ParseCodings("gzip");
  options.types = *ParseMediaTypes("text/plain");
  options.min_size.bytes = 10;
  return options;
}

class CompressionFilterTest : public ::testing::Test {
 protected:
  CompressionFilterTest() {
    request_.vars = {{"HTTP_ACCEPT_ENCODING", "gzip"}};
    filter_.Attach(compressor_, request_, next_);
  }
  ~CompressionFilterTest() override { filter_.Release(); }

  Passed SendHead(BodyPlan plan, std::optional<std::uint64_t> length = {}) {
    head_.code = 200;
    head_.fields = "Content-Type: text/plain\r\n";
    head_.content_length = length;
    return filter_.SendHead(head_, plan);
  }

  const CompressionOptions options_ = Gzip();
  compression::Compressor compressor_{options_};
  Request request_;
  RecordingFilter next_;
  CountingWaiter waiter_;
  CompressionFilter filter_{waiter_};
  ResponseHead head_;
};

const std::string kText(1000, 'a');

TEST_F(CompressionFilterTest, AWholeBodyGetsItsLengthInTheHead) {
  EXPECT_EQ(SendHead({.whole = kText.size()}), Passed::kOn);
  EXPECT_TRUE(next_.heads.empty()) << "the length is not known yet";
  EXPECT_EQ(SendText(filter_, kText, Rest::kEnd), Passed::kOn);
  ASSERT_EQ(next_.heads.size(), 1U);
  EXPECT_NE(next_.heads[0].fields.find("Content-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_EQ(next_.heads[0].plan.length, next_.body.size());
  EXPECT_EQ(next_.body.substr(0, 2), "\x1f\x8b");
  EXPECT_LT(next_.body.size(), kText.size());
  EXPECT_EQ(waiter_.asides, 0);
}

TEST_F(CompressionFilterTest, PiecesLeaveAsTheyComeWithoutALength) {
  EXPECT_EQ(SendHead({}), Passed::kOn);
  EXPECT_EQ(SendText(filter_, kText, Rest::kMore), Passed::kOn);
  EXPECT_FALSE(next_.heads.at(0).plan.length);
  const std::size_t first = next_.body.size();
  EXPECT_GT(first, 0U);
  EXPECT_EQ(SendText(filter_, "", Rest::kEnd), Passed::kOn);
  EXPECT_GT(next_.body.size(), first);
  EXPECT_EQ(next_.heads.size(), 1U);
}

TEST_F(CompressionFilterTest, LargePiecesLetOthersRun) {
  SendHead({});
  SendText(filter_, std::string(100'000, 'b'), Rest::kMore);
  EXPECT_EQ(waiter_.asides, 1);
}

TEST_F(CompressionFilterTest, WhatIsTooShortIsNotMadeToLookComplete) {
  SendHead({}, 2000);
  EXPECT_EQ(SendText(filter_, kText, Rest::kCut), Passed::kBroken);
  EXPECT_EQ(next_.body, "");
}

TEST_F(CompressionFilterTest, FilesAndContradictionsStayAsTheyAre) {
  EXPECT_EQ(SendHead({.kind = BodyPlan::Kind::kFile, .whole = 1000}), Passed::kOn);
  EXPECT_EQ(next_.heads.size(), 1U);
  filter_.SendFile({nullptr, 0, 0, 1000}, Rest::kEnd);
  EXPECT_EQ(next_.file_sizes, std::vector<std::uint64_t>{1000});

  EXPECT_EQ(SendHead({.whole = kText.size()}, 5), Passed::kOn);
  EXPECT_EQ(next_.heads.size(), 2U);
  SendText(filter_, kText, Rest::kEnd);
  EXPECT_EQ(next_.body, kText);
}

TEST_F(CompressionFilterTest, AFileBehindPiecesIsCompressedToo) {
  std::string path = ::testing::TempDir() + "compressedXXXXXX";
  const UniqueFd file(::mkstemp(path.data()));
  ::unlink(path.c_str());
  const std::string content(100'000, 'f');
  ASSERT_EQ(::write(file.get(), content.data(), content.size()), 100'000);
  SendHead({});
  SendText(filter_, kText, Rest::kMore);
  EXPECT_EQ(filter_.SendFile({nullptr, file.get(), 0, content.size()}, Rest::kMore), Passed::kOn);
  SendText(filter_, "", Rest::kEnd);
  EXPECT_TRUE(next_.file_sizes.empty());
  EXPECT_EQ(Gunzip(next_.body), kText + content);
  EXPECT_EQ(filter_.SendFile({nullptr, -1, 0, 1}, Rest::kMore), Passed::kBroken);
}

TEST_F(CompressionFilterTest, ForHeadTheHeadIsAllThereIs) {
  SendHead({.whole = kText.size(), .has_body = false});
  SendText(filter_, "", Rest::kEnd);
  ASSERT_EQ(next_.heads.size(), 1U);
  EXPECT_FALSE(next_.heads[0].plan.length);
  EXPECT_EQ(next_.body, "");
}

}  // namespace
}  // namespace uwsgi
