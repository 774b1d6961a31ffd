// SPDX-License-Identifier: MIT

#include "websocket/message_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client_frames.h"
#include "compression/message_deflate.h"

namespace uwsgi::websocket {
namespace {

using namespace std::string_literals;
using Event = MessageReader::Event;

constexpr unsigned kRsv1 = 0x40;

// What a reader makes of `bytes` which come in pieces, one line for each event.
std::vector<std::string> EventsOf(std::string_view bytes, const MessageReader::Limits& limits = {},
                                  std::size_t piece_size = 1) {
  MessageReader reader(limits);
  std::vector<std::string> events;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, piece_size);
    bytes.remove_prefix(piece.size());
    for (Event event{}; (event = reader.Next(piece)) != Event::kNeedMore;) {
      switch (event) {
        case Event::kMessage:
          events.push_back((reader.is_text() ? "text " : "binary ") + reader.TakePayload());
          break;
        case Event::kPing:
          events.push_back("ping " + std::string(reader.payload()));
          break;
        case Event::kPong:
          events.push_back("pong " + std::string(reader.payload()));
          break;
        case Event::kClose:
          events.push_back("close " + std::to_string(reader.close_code()) + " " +
                           std::string(reader.payload()));
          return events;
        default:
          events.push_back("failed " + std::to_string(reader.close_code()));
          EXPECT_FALSE(reader.failure().empty());
          return events;
      }
    }
  }
  return events;
}

using Events = std::vector<std::string>;

TEST(MessageReaderTest, AssemblesFragmentsWithControlFramesBetween) {
  const std::string bytes =
      ClientBytes({Opcode::kText, "Hel", false}) + ClientBytes({Opcode::kPing, "are you there"}) +
      ClientBytes({Opcode::kContinuation, "", false}) + ClientBytes({Opcode::kPong, ""}) +
      ClientBytes({Opcode::kContinuation, "lo", true}) + ClientBytes({Opcode::kBinary, ""});
  const Events expected = {"ping are you there", "pong ", "text Hello", "binary "};
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    EXPECT_EQ(EventsOf(bytes, {}, piece), expected) << piece;
  }
}

TEST(MessageReaderTest, ClosesWithTheClientsCode) {
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kClose, ""})), Events{"close 1005 "});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kClose,
                                  "\x03\xe8"
                                  "bye"})),
            Events{"close 1000 bye"});
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                         3000, 3999, 4000, 4999}) {
    EXPECT_EQ(
        EventsOf(ClientBytes({Opcode::kClose, ClosePayload(static_cast<std::uint16_t>(code))})),
        Events{"close " + std::to_string(code) + " "});
  }
}

TEST(MessageReaderTest, FailsOnCodesThatAreNotSent) {
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    const std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    EXPECT_EQ(EventsOf(ClientBytes({Opcode::kClose, payload})), Events{"failed 1002"}) << code;
  }
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kClose, "\x03"})), Events{"failed 1002"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kClose, "\x03\xe8\xff"})), Events{"failed 1007"});
}

TEST(MessageReaderTest, FailsOnWhatTheProtocolForbids) {
  const std::string longest(125, 'x');
  const std::string too_long(126, 'x');
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kPing, longest})), Events{"ping " + longest});
  for (const std::string& bytes : {
           ClientBytes({Opcode::kText, "x", true, 0, false}),  // Not masked.
           ClientBytes({Opcode::kText, "x", true, 0x40}),
           ClientBytes({Opcode::kText, "x", true, 0x20}),
           ClientBytes({Opcode::kText, "x", true, 0x10}),
           ClientBytes({static_cast<Opcode>(3), "x"}), ClientBytes({static_cast<Opcode>(7), "x"}),
           ClientBytes({static_cast<Opcode>(0xB), ""}), ClientBytes({static_cast<Opcode>(0xF), ""}),
           ClientBytes({Opcode::kPing, too_long}), ClientBytes({Opcode::kPing, "x", false}),
           ClientBytes({Opcode::kClose, "", false}), ClientBytes({Opcode::kContinuation, "x"}),
           ClientBytes({Opcode::kText, "x", false}) + ClientBytes({Opcode::kText, "y"}),
           "\x82\xfe\x00\x01mask"s,                          // A length in too many bytes,
           "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00mask"s,  // and one with the highest bit.
       }) {
    EXPECT_EQ(EventsOf(bytes), Events{"failed 1002"}) << testing::PrintToString(bytes);
  }
}

TEST(MessageReaderTest, ChecksTextAsItComes) {
  // A character in two fragments; a half one at the end; a wrong byte before the frame is whole.
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, "\xe2\x82", false}) +
                     ClientBytes({Opcode::kContinuation, "\xac"})),
            Events{"text \xe2\x82\xac"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, "\xe2\x82"})), Events{"failed 1007"});
  const std::string wrong = ClientBytes({Opcode::kText, "\xff and more"});
  EXPECT_EQ(EventsOf(wrong.substr(0, 7)), Events{"failed 1007"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kBinary, "\xff"})), Events{"binary \xff"});
}

TEST(MessageReaderTest, LimitsTheWholeMessageBeforeItComes) {
  const MessageReader::Limits limits{10, false};
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, "0123456789"}), limits),
            Events{"text 0123456789"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, "0123456789a"}).substr(0, 6), limits),
            Events{"failed 1009"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, "012345", false}) +
                         ClientBytes({Opcode::kContinuation, "6789", false}) +
                         ClientBytes({Opcode::kContinuation, "a"}).substr(0, 6),
                     limits),
            Events{"failed 1009"});
  EXPECT_EQ(EventsOf("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask"s), Events{"failed 1009"});
}

// The examples of RFC 7692, section 7.2.3.
TEST(MessageReaderTest, InflatesTheExamplesOfTheStandard) {
  const MessageReader::Limits limits{100, true};
  const std::string hello = "\xf2\x48\xcd\xc9\xc9\x07\x00"s;
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, hello, true, kRsv1}), limits),
            Events{"text Hello"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, hello.substr(0, 3), false, kRsv1}) +
                         ClientBytes({Opcode::kPing, "p"}) +
                         ClientBytes({Opcode::kContinuation, hello.substr(3)}),
                     limits),
            (Events{"ping p", "text Hello"}));
  const std::string stored = "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s;
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, stored, true, kRsv1}), limits),
            Events{"text Hello"});
  const std::string last_block = "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s;
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, last_block, true, kRsv1}), limits),
            Events{"text Hello"});
  const std::string two_blocks = "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s;
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, two_blocks, true, kRsv1}), limits),
            Events{"text Hello"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, "plain"}), limits), Events{"text plain"});
}

TEST(MessageReaderTest, FailsOnBadCompression) {
  const MessageReader::Limits limits{100, true};
  std::string large;
  ASSERT_TRUE(compression::DeflateMessage(std::string(101, 'x'), 15, large));
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, large, true, kRsv1}), limits),
            Events{"failed 1009"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, "\xff\xff\xff", true, kRsv1}), limits),
            Events{"failed 1002"});
  std::string not_text;
  ASSERT_TRUE(compression::DeflateMessage("\xff", 15, not_text));
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, not_text, true, kRsv1}), limits),
            Events{"failed 1007"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kPing, "x", true, kRsv1}), limits),
            Events{"failed 1002"});
  EXPECT_EQ(EventsOf(ClientBytes({Opcode::kText, "x", false, kRsv1}) +
                         ClientBytes({Opcode::kContinuation, "x", true, kRsv1}),
                     limits),
            Events{"failed 1002"});
}

}  // namespace
}  // namespace uwsgi::websocket
