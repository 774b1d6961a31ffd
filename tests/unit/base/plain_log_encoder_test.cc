// SPDX-License-Identifier: MIT

#include "base/plain_log_encoder.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace uwsgi {
namespace {

std::string Encode(const PlainLogEncoder& encoder, const LogRecord& record) {
  fmt::memory_buffer buffer;
  return std::string(encoder.Encode(record, buffer));
}

TEST(PlainLogEncoderTest, AMessageKeepsItsLineBreaks) {
  PlainLogEncoder encoder;
  encoder.SetDate("%%");
  const LogRecord record{.level = LogLevel::kError, .text = "it failed:\n  why"};
  EXPECT_EQ(Encode(encoder, record), "% - error: it failed:\n  why\n");
}

TEST(PlainLogEncoderTest, EachOfSeveralLinesIsAMessage) {
  PlainLogEncoder encoder;
  encoder.SetDate("%%");
  LogRecord record{.form = LogForm::kLines, .level = LogLevel::kWarning, .text = "one\ntwo\n"};
  EXPECT_EQ(Encode(encoder, record), "% - warning: one\n% - warning: two\n");
  record.text = "";
  EXPECT_EQ(Encode(encoder, record), "");
}

TEST(PlainLogEncoderTest, WhatIsEncodedGoesOutWithoutACopy) {
  PlainLogEncoder encoder;
  encoder.SetDate("%%");
  const std::string text = "GET /\nthe beginning of";
  fmt::memory_buffer buffer;
  const std::string_view encoded =
      encoder.Encode({.form = LogForm::kEncoded, .level = LogLevel::kError, .text = text}, buffer);
  EXPECT_EQ(encoded.data(), text.data());
  EXPECT_EQ(encoded.size(), text.size());
}

TEST(PlainLogEncoderTest, ThreadsTakeEachEncoderAsItIs) {
  PlainLogEncoder one;
  PlainLogEncoder other;
  const LogRecord record{.text = "line"};
  EXPECT_EQ(Encode(one, record), "line\n");
  other.SetDate("%%");
  EXPECT_EQ(Encode(other, record), "% - line\n");
  EXPECT_EQ(Encode(one, record), "line\n");
  one.SetDate("one%%");
  std::thread([&] { EXPECT_EQ(Encode(one, record), "one% - line\n"); }).join();
}

}  // namespace
}  // namespace uwsgi
