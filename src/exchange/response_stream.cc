// SPDX-License-Identifier: MIT

#include "exchange/response_stream.h"

#include <utility>

#include "base/log.h"

namespace uwsgi {
namespace {

// The answer for an application that ended without one, by what it has met in the request's body.
int CodeOfFailure(ReadStatus failure) {
  switch (failure) {
    case ReadStatus::kTooLarge:
      return 413;
    case ReadStatus::kMalformed:
      return 400;
    case ReadStatus::kTimeout:
      return 408;
    case ReadStatus::kOk:
    case ReadStatus::kTruncated:
      break;
  }
  return 500;
}

void WarnOfBody(std::span<const std::string_view> pieces) {
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    LogWarning("the application returned a body behind its websocket: nobody gets it");
    return;
  }
}

}  // namespace

FramingFilter& ResponseStream::FramingOf(const WireProtocol& wire) {
  auto& framing = framings_[static_cast<std::size_t>(wire.traits().wire)];
  if (framing == nullptr) framing = wire.MakeFraming();
  return *framing;
}

void ResponseStream::Begin(const ResponseContext& context) {
  socket_ = context.socket;
  body_ = context.body;
  output_.Begin({context.socket, context.spool_limits, context.held, context.timeout});
  framing_ = &FramingOf(*context.wire);
  framing_->Attach({context.body, context.head_only, context.minor_version, context.may_keep_alive,
                    context.extra_fields},
                   output_);
  ResponseFilter* after_length = framing_;
  if (context.compressor != nullptr) {
    compression_.Attach(*context.compressor, *context.request, *framing_);
    after_length = &compression_;
  }
  length_.Attach(context.head_only, *after_length);
  first_ = &length_;
  if (context.app_files != nullptr) {
    file_.Attach(*context.app_files, *context.request, length_);
    first_ = &file_;
  }
  stage_ = Stage::kNone;
  ended_ = closes_ = is_cut_ = is_switched_ = false;
  abort_code_ = 0;
  code_ = 500;
  field_count_ = write_count_ = 0;
}

void ResponseStream::Reset(std::size_t capacity) {
  compression_.Reset(capacity);
  output_.Reset(capacity);
}

void ResponseStream::Leave() {
  // Otherwise the response was taken over while its thread was inside.
  if (!output_.gate().Leave()) output_.StopHolding();
}

void ResponseStream::SetHead(const ResponseHead& head) {
  if (!Enter()) return;
  if (!head_sent()) {
    head_ = head;
    stage_ = Stage::kHead;
    code_ = head.code;
    field_count_ = head.field_count;
    if (head.has_conflicting_framing) {
      LogWarning("the application sent contradictory framing headers: the server frames by itself");
    }
  }
  Leave();
}

Passed ResponseStream::SendHead(BodyPlan::Kind kind, std::optional<std::uint64_t> whole) {
  stage_ = Stage::kBegun;
  BodyPlan plan;
  plan.kind = kind;
  plan.whole = whole;
  const Passed passed = first_->SendHead(head_, plan);
  code_ = head_.code;
  return passed;
}

WriteStatus ResponseStream::Settle(Passed passed) {
  switch (passed) {
    case Passed::kOn:
    case Passed::kFailed:
      break;
    case Passed::kAnswered:
      ++write_count_;
      ended_ = true;
      break;
    case Passed::kUnavailable:
      SendUnavailable();
      break;
    case Passed::kBroken:
      output_.Fail(WriteStatus::kAborted);
      break;
  }
  return output_.status();
}

WriteStatus ResponseStream::Write(std::span<const std::string_view> pieces, bool last) {
  if (!Enter()) return WriteStatus::kAborted;
  const WriteStatus status = WriteEntered(pieces, last);
  Leave();
  return status;
}

WriteStatus ResponseStream::WriteEntered(std::span<const std::string_view> pieces, bool last) {
  if (output_.status() != WriteStatus::kOk || ended_) {
    if (is_switched_) WarnOfBody(pieces);
    return output_.status();
  }
  if (stage_ == Stage::kNone) return output_.Fail(WriteStatus::kAborted);
  BodyPieces body{pieces, 0};
  for (const std::string_view piece : pieces) body.size += piece.size();
  if (stage_ == Stage::kHead) {
    const std::optional<std::uint64_t> whole = last ? std::optional(body.size) : std::nullopt;
    const Passed passed = SendHead(BodyPlan::Kind::kPieces, whole);
    if (passed != Passed::kOn) return Settle(passed);
  }
  ++write_count_;
  ended_ = last;
  return Settle(first_->SendBody(body, last ? Rest::kEnd : Rest::kMore));
}

WriteStatus ResponseStream::WriteFile(int fd, std::uint64_t offset, std::uint64_t count) {
  if (!Enter()) return WriteStatus::kAborted;
  const WriteStatus status = WriteFileEntered(fd, offset, count);
  Leave();
  return status;
}

WriteStatus ResponseStream::WriteFileEntered(int fd, std::uint64_t offset, std::uint64_t count) {
  const WriteStatus status = output_.status();
  if (status != WriteStatus::kOk || ended_ || stage_ == Stage::kNone) return status;
  const bool is_first = stage_ == Stage::kHead;
  if (is_first) {
    const Passed passed = SendHead(BodyPlan::Kind::kFile, count);
    if (passed != Passed::kOn) return Settle(passed);
  }
  ++write_count_;
  Passed passed = first_->SendFile({nullptr, fd, offset, count}, Rest::kMore);
  if (passed == Passed::kUnavailable && !is_first) passed = Passed::kBroken;
  return Settle(passed);
}

void ResponseStream::SendFileResponse(FileResponse response) {
  if (response.code == 503) return SendUnavailable();
  SetHead(response.head());
  stage_ = Stage::kBegun;
  ended_ = true;
  ++write_count_;
  static_cast<void>(PassFile(response, head_, length_));
}

void ResponseStream::Abort() {
  if (!Enter()) return;
  if (!head_sent()) {
    if (abort_code_ != 0) {
      SendError(abort_code_, abort_fields_);
    } else {
      SendError(CodeOfFailure(body_->failure()));
    }
  } else if (!ended_) {
    output_.Fail(WriteStatus::kAborted);
  }
  Leave();
}

void ResponseStream::HoldNothing() {
  if (!Enter()) return;
  output_.HoldNothing();
  if (output_.status() == WriteStatus::kOk && Drain() == IoStatus::kClosed) {
    output_.Fail(WriteStatus::kClosed);
  }
  Leave();
}

void ResponseStream::Disconnect() {
  if (!Enter()) return;
  closes_ = true;
  if (stage_ == Stage::kHead) SendHead(BodyPlan::Kind::kNone, std::nullopt);
  ended_ = true;
  if (Drain() == IoStatus::kOk) socket_->Shutdown();
  Leave();
}

std::optional<std::string> ResponseStream::SwitchProtocols(std::string_view fields) {
  if (!Enter()) return std::nullopt;
  std::optional<std::string> head;
  if (!head_sent() && !ended_) {
    stage_ = Stage::kBegun;
    code_ = 101;
    ended_ = closes_ = is_switched_ = true;
    head = framing_->SwitchProtocols(fields);
  }
  Leave();
  return head;
}

void ResponseStream::CountSwitched(std::uint64_t bytes, int messages) {
  length_.Replace(bytes);
  write_count_ = messages;
}

void ResponseStream::SetAbortAnswer(int code, std::string_view fields) {
  abort_code_ = code;
  abort_fields_ = fields;
}

void ResponseStream::SendRaw(std::string_view bytes) {
  stage_ = Stage::kBegun;
  ended_ = true;
  static_cast<void>(output_.Send({{&bytes, 1}, bytes.size()}, {}, Rest::kEnd));
}

void ResponseStream::SendError(int code, std::string_view more_fields) {
  stage_ = Stage::kBegun;
  code_ = code;
  field_count_ = 2;
  ended_ = closes_ = true;
  length_.Replace(framing_->SendError(code, more_fields));
}

void ResponseStream::End() {
  if (Enter()) {  // From here on nobody else uses the response.
    output_.StopHolding();
    Leave();
  }
  if (ended_ || output_.status() != WriteStatus::kOk) {
    if (length_.is_overlong()) {
      LogWarning("response body longer than its Content-Length was cut");
    }
  } else if (stage_ == Stage::kNone) {
    Abort();
  } else {
    static_cast<void>(Write({}, true));
  }
  compression_.Release();
  const WriteStatus status = output_.status();
  const bool is_whole = status == WriteStatus::kOk || (ended_ && status == WriteStatus::kAborted);
  if (length_.is_short() && is_whole) {
    LogWarning("response body has {} bytes, its Content-Length says {}: closing the connection",
               length_.body_bytes(), *length_.promised());
    closes_ = true;
  }
}

bool ResponseStream::TakeOver(int code) {
  const bool is_inside = output_.gate().Close();
  if (!is_inside) output_.StopHolding();
  if (!is_inside && !head_sent()) SendError(code);
  // A writer that waits for the peer wakes up, and finds the gate closed.
  is_cut_ = is_inside || !ended_ || !is_drained();
  if (is_cut_) {
    socket_->ResetNow();
  } else {
    socket_->ShutdownWrite();
  }
  return !is_inside;
}

}  // namespace uwsgi
