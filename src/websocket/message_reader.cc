// SPDX-License-Identifier: MIT

#include "websocket/message_reader.h"

#include <algorithm>

#include "compression/message_deflate.h"

namespace uwsgi::websocket {

using Event = MessageReader::Event;

Event MessageReader::Next(std::string_view& input) {
  if (!failure_.empty()) return Event::kFailed;
  while (true) {
    if (!in_frame_) {
      // Byte by byte: a header is short, and where it ends it says itself.
      while (!in_frame_ && !input.empty()) {
        header_bytes_[header_size_++] = input.front();
        input.remove_prefix(1);
        const auto parsed = ParseFrameHeader({header_bytes_.data(), header_size_});
        if (!parsed) continue;
        frame_ = *parsed;
        in_frame_ = true;
        header_size_ = 0;
        taken_ = 0;
      }
      if (!in_frame_) return Event::kNeedMore;
      if (const Event begun = BeginFrame(); begun != Event::kNeedMore) return begun;
    }
    if (const Event taken = TakeData(input); taken != Event::kNeedMore) return taken;
    if (taken_ < frame_.size) return Event::kNeedMore;
    in_frame_ = false;
    if (const Event ended = EndFrame(); ended != Event::kNeedMore) return ended;
  }
}

Event MessageReader::BeginFrame() {
  const bool is_control = IsControl(frame_.opcode);
  const bool is_continuation = frame_.opcode == Opcode::kContinuation;
  if (frame_.has_reserved) return Fail(kProtocolError, "a reserved bit is set");
  // Only the first frame of a message says that it is compressed.
  if (frame_.is_compressed && (!limits_.inflates || is_control || is_continuation)) {
    return Fail(kProtocolError, "a frame is compressed that must not be");
  }
  if (!frame_.is_masked) return Fail(kProtocolError, "a frame is not masked");
  if (!frame_.is_shortest || frame_.size >> 63U != 0) {
    return Fail(kProtocolError, "the length of a frame is malformed");
  }
  switch (frame_.opcode) {
    case Opcode::kClose:
    case Opcode::kPing:
    case Opcode::kPong:
      if (!frame_.is_final) return Fail(kProtocolError, "a control frame is fragmented");
      if (frame_.size > kControlLimit) return Fail(kProtocolError, "a control frame is too long");
      control_.clear();
      return Event::kNeedMore;
    case Opcode::kContinuation:
      if (!in_message_) return Fail(kProtocolError, "a continuation continues nothing");
      break;
    case Opcode::kText:
    case Opcode::kBinary:
      if (in_message_) return Fail(kProtocolError, "a message begins inside of another");
      in_message_ = true;
      is_text_ = frame_.opcode == Opcode::kText;
      is_compressed_ = frame_.is_compressed;
      message_.clear();
      text_check_.Reset();
      break;
    default:
      return Fail(kProtocolError, "an opcode is unknown");
  }
  // Before any memory is taken for it.
  if (frame_.size > limits_.message - message_.size()) {
    refused_size_ = message_.size() + frame_.size;
    return Fail(kTooBig, "a message is too big");
  }
  return Event::kNeedMore;
}

Event MessageReader::TakeData(std::string_view& input) {
  const bool is_control = IsControl(frame_.opcode);
  std::string& into = is_control ? control_ : message_;
  const std::size_t count = std::min<std::uint64_t>(input.size(), frame_.size - taken_);
  if (count == 0) return Event::kNeedMore;
  const std::size_t before = into.size();
  into.append(input.substr(0, count));
  input.remove_prefix(count);
  Unmask(into.data() + before, count, frame_.mask, taken_);
  taken_ += count;
  if (is_control || !is_text_ || is_compressed_) return Event::kNeedMore;
  if (text_check_.Feed(std::string_view(into).substr(before))) return Event::kNeedMore;
  return Fail(kBadText, "a text is not UTF-8");
}

Event MessageReader::EndFrame() {
  switch (frame_.opcode) {
    case Opcode::kPing:
      payload_ = control_;
      return Event::kPing;
    case Opcode::kPong:
      payload_ = control_;
      return Event::kPong;
    case Opcode::kClose:
      return EndClose();
    default:
      return frame_.is_final ? EndMessage() : Event::kNeedMore;
  }
}

Event MessageReader::EndMessage() {
  in_message_ = false;
  if (is_compressed_) {
    if (const Event inflated = Inflate(); inflated != Event::kNeedMore) return inflated;
  } else {
    payload_ = std::exchange(message_, {});
  }
  if (is_text_ && !text_check_.is_complete()) return Fail(kBadText, "a text is not UTF-8");
  return Event::kMessage;
}

Event MessageReader::Inflate() {
  const auto inflated = compression::InflateMessage(message_, limits_.message, payload_);
  message_ = {};
  switch (inflated) {
    case compression::Inflated::kOk:
      break;
    case compression::Inflated::kMalformed:
      return Fail(kProtocolError, "a message can not be inflated");
    case compression::Inflated::kTooLarge:
      refused_size_ = limits_.message + 1;
      return Fail(kTooBig, "a message is too big once it is inflated");
    case compression::Inflated::kNoMemory:
      return Fail(kInternalError, "there is no memory to inflate a message");
  }
  if (is_text_ && !text_check_.Feed(payload_)) return Fail(kBadText, "a text is not UTF-8");
  return Event::kNeedMore;
}

Event MessageReader::EndClose() {
  payload_.clear();
  if (control_.empty()) {
    close_code_ = kNoCode;
    return Event::kClose;
  }
  if (control_.size() == 1) return Fail(kProtocolError, "a close frame has half a code");
  const auto high = static_cast<unsigned char>(control_[0]);
  const auto low = static_cast<unsigned char>(control_[1]);
  const auto code = static_cast<std::uint16_t>(high << 8U | low);
  if (!IsSendable(code)) return Fail(kProtocolError, "a close frame has a code that is not sent");
  const std::string_view reason = std::string_view(control_).substr(2);
  Utf8Check check;
  if (!check.Feed(reason) || !check.is_complete()) {
    return Fail(kBadText, "the reason of a close frame is not UTF-8");
  }
  close_code_ = code;
  payload_ = reason;
  return Event::kClose;
}

Event MessageReader::Fail(std::uint16_t code, std::string_view why) {
  close_code_ = code;
  failure_ = why;
  message_ = {};
  payload_ = {};
  return Event::kFailed;
}

}  // namespace uwsgi::websocket
