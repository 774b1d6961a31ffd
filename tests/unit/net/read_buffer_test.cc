// SPDX-License-Identifier: MIT

#include "net/read_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace uwsgi {
namespace {

void Fill(ReadBuffer& buffer, std::string_view bytes) {
  buffer.Reserve(buffer.bytes().size() + bytes.size());
  std::memcpy(buffer.space().data(), bytes.data(), bytes.size());
  buffer.Produced(bytes.size());
}

TEST(ReadBufferTest, KeepsBytesWhenItGrows) {
  ReadBuffer buffer;
  std::string expected;
  for (int piece = 0; piece < 100; ++piece) {
    Fill(buffer, "0123456789");
    expected += "0123456789";
  }
  EXPECT_EQ(buffer.bytes(), expected);
}

TEST(ReadBufferTest, ConsumingMovesNothing) {
  ReadBuffer buffer;
  Fill(buffer, "headbody");
  const char* body = buffer.bytes().data() + 4;
  buffer.Consume(4);
  EXPECT_EQ(buffer.bytes(), "body");
  EXPECT_EQ(buffer.bytes().data(), body);
  EXPECT_EQ(buffer.begin_of_all(), body - 4);
}

TEST(ReadBufferTest, ReusesTheSpaceOfWhatWasConsumed) {
  ReadBuffer buffer;
  buffer.Reserve(16);
  Fill(buffer, "0123456789");
  buffer.Consume(8);
  buffer.Reserve(16);
  EXPECT_EQ(buffer.bytes(), "89");
  EXPECT_GE(buffer.space().size(), 14U);
}

TEST(ReadBufferTest, AssignsAViewOfItself) {
  ReadBuffer buffer;
  Fill(buffer, "firstsecond");
  buffer.Consume(5);
  buffer.Assign(buffer.bytes());
  EXPECT_EQ(buffer.bytes(), "second");
  EXPECT_EQ(buffer.begin_of_all(), buffer.bytes().data());
}

}  // namespace
}  // namespace uwsgi
