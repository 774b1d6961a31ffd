// SPDX-License-Identifier: MIT

#include "protocol/uwsgi_packet.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace uwsgi::protocol {
namespace {

using namespace std::string_literals;

std::string Sized(std::string_view text) {
  std::string out;
  out += static_cast<char>(text.size() & 0xff);
  out += static_cast<char>(text.size() >> 8);
  return out.append(text);
}

std::string Pair(std::string_view key, std::string_view value) { return Sized(key) + Sized(value); }

ErrorCode CodeOf(std::string_view block, std::size_t max_vars = 100) {
  std::vector<Var> vars;
  const Result<void> result = ParseVars(block, max_vars, vars);
  EXPECT_FALSE(result.ok()) << "parsed " << vars.size() << " variables";
  return result.ok() ? ErrorCode::kInvalid : result.error().code;
}

TEST(PacketHeaderTest, IsLittleEndian) {
  const PacketHeader header = DecodePacketHeader("\x1e\x34\x92\xff rest"s);
  EXPECT_EQ(header.modifier1, 30);
  EXPECT_EQ(header.size, 0x9234);
  EXPECT_EQ(header.modifier2, 255);
}

TEST(ParseVarsTest, KeepsOrderDuplicatesAndEmptyValues) {
  const std::string block = Pair("A", "1") + Pair("B", "") + Pair("A", "\x80\xff");
  std::vector<Var> vars = {{"old", "x"}};
  ASSERT_TRUE(ParseVars(block, 3, vars).ok());
  ASSERT_EQ(vars.size(), 4U);
  EXPECT_EQ(vars[0].key, "old");
  EXPECT_EQ(vars[1].key, "A");
  EXPECT_EQ(vars[1].value, "1");
  EXPECT_EQ(vars[2].key, "B");
  EXPECT_EQ(vars[2].value, "");
  EXPECT_EQ(vars[3].key, "A");
  EXPECT_EQ(vars[3].value, "\x80\xff");
  EXPECT_EQ(vars[1].key.data(), block.data() + 2) << "a view into the block";
}

TEST(ParseVarsTest, TakesTheLargestBlock) {
  const std::string block = Pair("KEY", std::string(65535 - 7, 'v'));
  ASSERT_EQ(block.size(), 65535U);
  std::vector<Var> vars;
  ASSERT_TRUE(ParseVars(block, 1, vars).ok());
  EXPECT_EQ(vars[0].value.size(), 65528U);
}

TEST(ParseVarsTest, RefusesMalformedBlocks) {
  const std::string good = Pair("KEY", "value");
  const struct {
    const char* name;
    std::string block;
  } kCases[] = {
      {"empty block", ""},
      {"one trailing byte", good + "\x01"},
      {"two trailing bytes", good + "\x01\x00"s},
      {"key runs past the block", good + "\x05\x00"s + "KEY"},
      {"key ends at the block's end", "\x03\x00"s + "KEY"},
      {"one byte of the value's size", "\x03\x00"s + "KEY" + "\x01"},
      {"value runs past the block", Sized("KEY") + "\x06\x00"s + "value"},
      {"huge key size", "\xff\xff"s + "KEY"},
      {"empty key", Pair("", "value")},
      {"empty key after a good pair", good + Pair("", "")},
  };
  for (const auto& row : kCases) EXPECT_EQ(CodeOf(row.block), ErrorCode::kMalformed) << row.name;
}

TEST(ParseVarsTest, RefusesMoreThanTheLimit) {
  const std::string block = Pair("A", "1") + Pair("B", "2") + Pair("C", "3");
  EXPECT_EQ(CodeOf(block, 2), ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(block, 0), ErrorCode::kTooLarge);
  std::vector<Var> vars;
  EXPECT_TRUE(ParseVars(block, 3, vars).ok());
}

TEST(ParseVarsTest, RefusesEveryPrefixThatCutsAPair) {
  const std::string block = Pair("REQUEST_METHOD", "GET") + Pair("PATH_INFO", "/") + Pair("Q", "");
  std::vector<Var> vars;
  for (std::size_t size = 1; size < block.size(); ++size) {
    vars.clear();
    const bool ok = ParseVars(block.substr(0, size), 100, vars).ok();
    const bool whole = size == 21 || size == 35;
    EXPECT_EQ(ok, whole) << size;
  }
}

TEST(ParseVarsTest, SurvivesRandomBytes) {
  std::mt19937 random(1);
  std::vector<Var> vars;
  for (int i = 0; i < 50'000; ++i) {
    std::string block(random() % 64, '\0');
    for (char& byte : block) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 8);
    vars.clear();
    std::size_t total = 0;
    if (!ParseVars(block, 8, vars).ok()) continue;
    for (const Var& var : vars) total += 4 + var.key.size() + var.value.size();
    ASSERT_EQ(total, block.size());
  }
}

TEST(RecognizeForeignProtocolTest, TellsFromTheFirstFourBytes) {
  const std::vector<std::pair<std::string, ForeignProtocol>> cases = {
      {"GET / HTTP/1.1", ForeignProtocol::kHttp},
      {"POST", ForeignProtocol::kHttp},
      {"PROPFIND / HTTP/1.1", ForeignProtocol::kHttp},
      {"get /", ForeignProtocol::kHttp},
      {"M-SEARCH *", ForeignProtocol::kHttp},
      {"PRI * HTTP/2.0", ForeignProtocol::kHttp},
      {"\r\nGET / HTTP/1.1", ForeignProtocol::kHttp},
      {"\nGET", ForeignProtocol::kHttp},
      {"PROXY TCP4 1.2.3.4", ForeignProtocol::kProxy},
      {"\r\n\r\n\0\r\nQUIT\n"s, ForeignProtocol::kProxy},
      {"\x16\x03\x01\x02", ForeignProtocol::kTls},
      {"\0\x40\x01\0"s, ForeignProtocol::kNone},
      {"\0GET"s, ForeignProtocol::kNone},
      {"\x1eGET", ForeignProtocol::kNone},
      {"d\0\0\0"s, ForeignProtocol::kNone},       // uWSGI's ping,
      {"o\x20\x01\x01", ForeignProtocol::kNone},  // cache
      {"\xad GE", ForeignProtocol::kNone},        // and RPC.
      {" GET", ForeignProtocol::kNone},
      {"GET\t", ForeignProtocol::kNone},
      {"\x16\x02\x03\x01", ForeignProtocol::kNone},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_EQ(RecognizeForeignProtocol(bytes), expected) << bytes;
  }
}

}  // namespace
}  // namespace uwsgi::protocol
