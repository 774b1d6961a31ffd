// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "websocket/close_code.h"
#include "websocket/frame.h"
#include "websocket/utf8.h"

namespace uwsgi::websocket {

// Makes messages of the bytes that a client sends: RFC 6455, and RFC 7692 without context between
// messages. Control frames may come between the fragments of a message. One thread at a time.
class MessageReader {
 public:
  struct Limits {
    std::size_t message = 1 << 20;  // Bytes of a whole message, before and after inflating.
    bool inflates = false;          // permessage-deflate was agreed on.
  };
  explicit MessageReader(const Limits& limits) : limits_(limits) {}

  enum class Event {
    kNeedMore,  // The input is used up.
    kMessage,   // is_text() and TakePayload().
    kPing,      // payload(); kPong likewise.
    kPong,
    kClose,   // close_code(), kNoCode if there was none. Nothing may follow.
    kFailed,  // The client broke the protocol: close_code() and failure(). Nothing can follow.
  };
  // Takes bytes from the front of `input`, up to and including those that make an event.
  Event Next(std::string_view& input);

  bool is_text() const { return is_text_; }
  std::string TakePayload() { return std::exchange(payload_, {}); }
  std::string_view payload() const { return payload_; }
  std::uint16_t close_code() const { return close_code_; }
  // For the log. Lives as long as the program.
  std::string_view failure() const { return failure_; }
  // What the client wanted to send, where that was more than the limit.
  std::uint64_t refused_size() const { return refused_size_; }

 private:
  // kNeedMore: the frame may come.
  Event BeginFrame();
  Event TakeData(std::string_view& input);
  Event EndFrame();
  Event EndMessage();
  Event EndClose();
  Event Inflate();
  Event Fail(std::uint16_t code, std::string_view why);

  const Limits limits_;
  std::array<char, kHeaderLimit> header_bytes_{};
  std::size_t header_size_ = 0;  // Of header_bytes_.
  FrameHeader frame_;
  bool in_frame_ = false;
  std::uint64_t taken_ = 0;  // Of the frame's payload.

  bool in_message_ = false;
  bool is_text_ = false;
  bool is_compressed_ = false;
  std::string message_;  // What has come of it.
  Utf8Check text_check_;
  std::string control_;

  std::string payload_;
  std::uint16_t close_code_ = kNoCode;
  std::string_view failure_;
  std::uint64_t refused_size_ = 0;
};

}  // namespace uwsgi::websocket
