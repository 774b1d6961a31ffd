// SPDX-License-Identifier: MIT

#include "protocol/scan.h"

#include <gtest/gtest.h>

#include <string>

namespace uwsgi::protocol {
namespace {

TEST(FindControlTest, FindsEachControlCharacterAnywhere) {
  for (int value = 0; value < 256; ++value) {
    const char byte = static_cast<char>(value);
    const bool is_control = (value < 32 && value != 9) || value == 127;
    EXPECT_EQ(IsControl(byte), is_control) << value;
    for (std::size_t size : {1U, 15U, 16U, 17U, 40U}) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = byte;
        ASSERT_EQ(FindControl(text), is_control ? at : size) << value;
        ASSERT_EQ(FindControl(text, at), is_control ? at : size) << value;
        ASSERT_EQ(FindControl(text, at + 1), size) << value;
      }
    }
  }
}

TEST(TokenTest, IsWhatTheStandardSays) {
  std::string token_bytes;
  for (int value = 0; value < 256; ++value) {
    const char byte = static_cast<char>(value);
    if (IsToken(std::string(1, byte))) token_bytes += byte;
  }
  EXPECT_EQ(token_bytes,
            "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  EXPECT_FALSE(IsToken(""));
  EXPECT_FALSE(IsToken("a b"));
}

TEST(ScanTest, ComparesWithoutCase) {
  EXPECT_TRUE(EqualsIgnoringCase("Keep-ALIVE", "keep-alive"));
  EXPECT_FALSE(EqualsIgnoringCase("keep-alive", "keep-aliv"));
  EXPECT_FALSE(EqualsIgnoringCase("[", "{"));
}

TEST(ScanTest, TrimsBlanks) {
  EXPECT_EQ(TrimBlanks(" \ta b\t "), "a b");
  EXPECT_EQ(TrimBlanks(" \t"), "");
  EXPECT_EQ(TrimBlanks("\va"), "\va");
}

TEST(ScanTest, WalksLists) {
  std::string_view list = ", a ,,b c\t, ";
  std::string_view element;
  ASSERT_TRUE(NextListElement(list, element));
  EXPECT_EQ(element, "a");
  ASSERT_TRUE(NextListElement(list, element));
  EXPECT_EQ(element, "b c");
  EXPECT_FALSE(NextListElement(list, element));
}

TEST(ScanTest, ReadsHexadecimalDigits) {
  EXPECT_EQ(HexValue('0'), 0);
  EXPECT_EQ(HexValue('9'), 9);
  EXPECT_EQ(HexValue('a'), 10);
  EXPECT_EQ(HexValue('F'), 15);
  for (const char byte : {'g', 'G', '/', ':', '@', '`', '\0', '\x80'})
    EXPECT_EQ(HexValue(byte), -1);
}

}  // namespace
}  // namespace uwsgi::protocol
