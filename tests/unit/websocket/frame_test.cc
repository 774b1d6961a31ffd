// SPDX-License-Identifier: MIT

#include "websocket/frame.h"

#include <gtest/gtest.h>

#include <string>

#include "client_frames.h"

namespace uwsgi::websocket {
namespace {

using namespace std::string_view_literals;

// The examples of RFC 6455, section 5.7.
TEST(FrameTest, EncodesTheExamplesOfTheStandard) {
  EXPECT_EQ(EncodedHeader(Opcode::kText, false, 5).bytes(), "\x81\x05"sv);
  EXPECT_EQ(EncodedHeader(Opcode::kBinary, false, 256).bytes(), "\x82\x7E\x01\x00"sv);
  EXPECT_EQ(EncodedHeader(Opcode::kBinary, false, 65536).bytes(),
            "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"sv);
  EXPECT_EQ(EncodedHeader(Opcode::kText, true, 7).bytes(), "\xc1\x07"sv);
  EXPECT_EQ(EncodedHeader(Opcode::kBinary, false, 125).bytes(), "\x82\x7d"sv);
  EXPECT_EQ(EncodedHeader(Opcode::kBinary, false, 126).bytes(), "\x82\x7E\x00\x7e"sv);
  EXPECT_EQ(EncodedHeader(Opcode::kBinary, false, 65535).bytes(), "\x82\x7E\xff\xff"sv);
}

TEST(FrameTest, ParsesTheMaskedExampleOfTheStandard) {
  std::string bytes = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
  const auto header = ParseFrameHeader(bytes);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->is_final);
  EXPECT_TRUE(header->is_masked);
  EXPECT_EQ(header->opcode, Opcode::kText);
  EXPECT_EQ(header->size, 5U);
  EXPECT_EQ(header->header_size, 6U);
  Unmask(bytes.data() + 6, 5, header->mask, 0);
  EXPECT_EQ(bytes.substr(6), "Hello");
  EXPECT_EQ(ClientBytes({.payload = "Hello"}), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST(FrameTest, WaitsForTheWholeHeader) {
  const std::string bytes = ClientBytes({Opcode::kBinary, std::string(70000, 'x')}).substr(0, 14);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseFrameHeader(std::string_view(bytes).substr(0, size))) << size;
  }
  const auto header = ParseFrameHeader(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->size, 70000U);
}

TEST(FrameTest, KnowsALengthThatTakesTooManyBytes) {
  EXPECT_FALSE(ParseFrameHeader("\x82\x7E\x00\x7d"sv)->is_shortest);
  EXPECT_TRUE(ParseFrameHeader("\x82\x7E\x00\x7e"sv)->is_shortest);
  EXPECT_FALSE(ParseFrameHeader("\x82\x7F\x00\x00\x00\x00\x00\x00\xff\xff"sv)->is_shortest);
  EXPECT_TRUE(ParseFrameHeader("\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"sv)->is_shortest);
}

TEST(FrameTest, UnmasksInPiecesAsAtOnce) {
  const std::array<std::uint8_t, 4> mask = {1, 2, 4, 8};
  std::string whole(100, 'a');
  Unmask(whole.data(), whole.size(), mask, 0);
  EXPECT_EQ(whole.substr(0, 4), "`cei");
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    std::string pieces(100, 'a');
    Unmask(pieces.data(), cut, mask, 0);
    Unmask(pieces.data() + cut, pieces.size() - cut, mask, cut);
    EXPECT_EQ(pieces, whole) << cut;
  }
}

}  // namespace
}  // namespace uwsgi::websocket
