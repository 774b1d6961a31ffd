// SPDX-License-Identifier: MIT

#include "exchange/response_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <thread>
#include <utility>

#include "base/c_locale.h"
#include "base/lasting_log.h"
#include "base/log.h"
#include "os/clock.h"
#include "protocol/http_date.h"
#include "protocol/request_text.h"

namespace uwsgi {
namespace {

// Below this a copy into one buffer is cheaper than gathering.
constexpr std::size_t kCopyBelow = 8 * 1024;
constexpr std::size_t kMaxPieces = 32;
// Less than this may wait for the application's next piece.
constexpr std::size_t kHoldBelow = 16 * 1024;
// Compressing more than this takes long enough to let other threads run meanwhile.
constexpr std::size_t kReleaseAbove = 8 * 1024;
// Files keep descriptors open, so an application waits for them, too.
constexpr std::size_t kFilesLimit = 4;

// The Date header's value, made once a second by each thread.
std::string_view CurrentDate() {
  thread_local std::time_t second = 0;
  thread_local std::string date;
  const auto now = std::chrono::system_clock::to_time_t(os::CoarseNow());
  if (now != second) {
    second = now;
    date = protocol::FormatHttpDate(now);
  }
  return date;
}

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

}  // namespace

void ResponseStream::Begin(const ResponseContext& context) {
  context_ = context;
  queue_.Begin(*context.socket, *context.spool_limits);
  stage_ = Head::kNone;
  framing_ = Framing::kClose;
  status_ = WriteStatus::kOk;
  declared_length_.reset();
  body_bytes_ = 0;
  body_allowed_ = !context.head_only;
  ended_ = broken_ = cut_ = used_sendfile_ = overlong_ = false;
  keep_alive_ = context.may_keep_alive;
  code_ = 500;
  field_count_ = write_count_ = 0;
  head_bytes_ = 0;
  // A session of TLS has one user at a time, and the application may read meanwhile.
  may_hold_ = context.socket->tls() == nullptr;
  gate_.store(kOpen, std::memory_order_relaxed);
}

void ResponseStream::Reset(std::size_t capacity) {
  EndCompression();
  queue_.Reset(capacity);
  for (std::string* text : {&plain_, &encoded_}) {
    text->clear();
    if (text->capacity() > capacity) text->shrink_to_fit();
  }
}

bool ResponseStream::Enter() {
  int expected = kOpen;
  while (!gate_.compare_exchange_weak(expected, kInside, std::memory_order_acquire)) {
    // kInside: an exception has left the writer there.
    if (expected == kTakenOver || expected == kInside) return false;
    if (expected == kSendingHeld) std::this_thread::yield();  // It does not take long.
    expected = kOpen;
  }
  return true;
}

void ResponseStream::Leave() {
  int expected = kInside;
  if (gate_.compare_exchange_strong(expected, kOpen, std::memory_order_release)) return;
  StopHolding();  // The response was taken over while the writer waited.
}

void ResponseStream::SetHead(const ResponseHead& head) {
  if (stage_ == Head::kSent || !Enter()) return;
  head_ = head;
  stage_ = Head::kSet;
  if (head.has_conflicting_framing) {
    LogWarning("the application sent contradictory framing headers: the server frames by itself");
  }
  code_ = head.code;
  field_count_ = head.field_count;
  declared_length_ = head.content_length;
  body_allowed_ = !context_.head_only && head.code != 204 && head.code != 205 && head.code != 304;
  keep_alive_ = context_.may_keep_alive && !head.wants_close;
  Leave();
}

void ResponseStream::CompleteHead(std::optional<std::uint64_t> total) {
  const bool http = context_.wire == Wire::kHttp;
  // The body of a HEAD response tells its length, unless the application leaves it out.
  const bool counts = body_allowed_ || (context_.head_only && total.value_or(0) > 0);
  if (!declared_length_ && total && http && counts && code_ != 304) declared_length_ = total;
  if (code_ == 204) declared_length_.reset();
  if (code_ == 205 && (http || declared_length_)) declared_length_ = 0;
  AppendHead(declared_length_, total.has_value());
}

protocol::ResponseFraming ResponseStream::CommonFraming() const {
  protocol::ResponseFraming framing;
  framing.wire = context_.wire;
  framing.minor_version = context_.minor_version;
  framing.extra_fields = context_.extra_fields;
  if (context_.wire == Wire::kHttp) framing.date = CurrentDate();
  return framing;
}

void ResponseStream::AppendHead(std::optional<std::uint64_t> length, bool is_whole) {
  const bool http = context_.wire == Wire::kHttp;
  framing_ = Framing::kClose;
  if (length || !body_allowed_) {
    framing_ = Framing::kLength;
  } else if (http && context_.minor_version > 0) {
    framing_ = Framing::kChunked;
  }
  if (framing_ == Framing::kClose) keep_alive_ = false;
  context_.body->NoteResponse();
  // The rest of the request's body would be in the way of the next request: say so.
  if (keep_alive_ && is_whole && !context_.body->SkipRest()) keep_alive_ = false;
  if (context_.app_files != nullptr) context_.app_files->Strip(head_, stripped_fields_);
  protocol::ResponseFraming framing = CommonFraming();
  framing.keep_alive = keep_alive_;
  framing.chunked = framing_ == Framing::kChunked;
  framing.content_length = length;
  protocol::AppendResponseHead(head_, framing, queue_.tail());
  stage_ = Head::kSent;
  head_bytes_ = queue_.bytes_waiting();
}

WriteStatus ResponseStream::Write(std::span<const std::string_view> pieces, bool last) {
  if (!Enter()) return WriteStatus::kAborted;
  const WriteStatus status = WriteEntered(pieces, last);
  Leave();
  return status;
}

std::uint64_t ResponseStream::Allowed(std::uint64_t count) {
  if (!body_allowed_) return 0;
  if (!declared_length_) return count;
  const std::uint64_t room = *declared_length_ - std::min(body_bytes_, *declared_length_);
  if (count > room) overlong_ = true;
  return std::min(count, room);
}

WriteStatus ResponseStream::WriteEntered(std::span<const std::string_view> pieces, bool last) {
  if (status_ != WriteStatus::kOk || ended_) return status_;
  if (stage_ == Head::kNone) return Fail(WriteStatus::kAborted);
  if (stage_ == Head::kSet && context_.app_files != nullptr && SendNamedFile()) return status_;
  ++write_count_;
  std::uint64_t offered = 0;
  for (const std::string_view piece : pieces) offered += piece.size();
  const std::optional<std::uint64_t> total = last ? std::optional(offered) : std::nullopt;
  if (stage_ == Head::kSet && context_.compressor != nullptr) BeginCompression(total);
  if (stage_ == Head::kSet && encoder_ == nullptr) CompleteHead(total);

  const std::uint64_t allowed = Allowed(offered);
  body_bytes_ += allowed;
  ended_ = last;
  if (encoder_ != nullptr) {
    if (!last || !is_short()) return WriteCompressed(pieces, allowed, last);
    WarnOfShortBody();
    return Fail(WriteStatus::kAborted);  // Its end would make it look complete.
  }
  return WriteFramed(pieces, allowed, last);
}

void ResponseStream::BeginCompression(std::optional<std::uint64_t> total) {
  if (total && head_.content_length && *total != *head_.content_length) return;
  const std::string_view accepted = protocol::FindVar(*context_.request, "HTTP_ACCEPT_ENCODING");
  const std::optional<std::uint64_t> size = head_.content_length ? head_.content_length : total;
  encoder_ = context_.compressor->Choose(head_, accepted, size, compressed_fields_);
  if (!compressed_fields_.empty()) head_.fields = compressed_fields_;
}

void ResponseStream::EndCompression() {
  if (encoder_ != nullptr) context_.compressor->Return(std::move(encoder_));
}

WriteStatus ResponseStream::WriteCompressed(std::span<const std::string_view> pieces,
                                            std::uint64_t count, bool last) {
  plain_.clear();
  for (const std::string_view piece : pieces) {
    plain_.append(piece.substr(0, static_cast<std::size_t>(count - plain_.size())));
  }
  encoded_.clear();
  if (body_allowed_ && (last || !plain_.empty())) {
    const auto flush = last ? compression::Flush::kFinish : compression::Flush::kSync;
    const auto encode = [&] {
      std::optional<Aside> aside;
      if (plain_.size() >= kReleaseAbove) aside.emplace(waiter_);
      return encoder_->Encode(plain_, flush, encoded_);
    };
    if (!encode()) return Fail(WriteStatus::kAborted);
  }
  if (stage_ == Head::kSet) {
    const bool has_length = last && body_allowed_;
    AppendHead(has_length ? std::optional<std::uint64_t>(encoded_.size()) : std::nullopt, last);
  }
  const std::string_view encoded = encoded_;
  return WriteFramed({&encoded, 1}, encoded.size(), last);
}

WriteStatus ResponseStream::WriteFramed(std::span<const std::string_view> pieces,
                                        std::uint64_t allowed, bool last) {
  const bool chunk = framing_ == Framing::kChunked && allowed > 0;
  if (chunk) BeginChunk(allowed);
  std::array<std::string_view, kMaxPieces> gathered;
  std::size_t count = 0;
  const bool copy = allowed < kCopyBelow || pieces.size() + 1 > kMaxPieces;
  for (std::string_view piece : pieces) {
    piece = piece.substr(0, std::min<std::uint64_t>(piece.size(), allowed));
    allowed -= piece.size();
    if (copy) {
      queue_.tail().append(piece);
    } else if (!piece.empty()) {
      gathered[count++] = piece;
    }
  }
  std::string_view trailer;
  if (framing_ == Framing::kChunked) {
    trailer = chunk ? (last ? "\r\n0\r\n\r\n" : "\r\n") : (last ? "0\r\n\r\n" : "");
  }
  if (copy) {
    queue_.tail().append(trailer);
    if (!last && Hold()) return WriteStatus::kOk;
  } else {
    gathered[count++] = trailer;
  }
  const WriteStatus status = Send({gathered.data(), count});
  if (status != WriteStatus::kOk || last) return status;
  return WaitForRoom();
}

void ResponseStream::BeginChunk(std::uint64_t size) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  queue_.tail().append(digits.data(), end).append("\r\n");
}

WriteStatus ResponseStream::Send(std::span<const std::string_view> pieces) {
  StopHolding();
  return queue_.Send(pieces) == IoStatus::kOk ? WriteStatus::kOk : Fail(WriteStatus::kClosed);
}

bool ResponseStream::Hold() {
  if (!may_hold_ || queue_.bytes_waiting() >= kHoldBelow) return false;
  if (!std::exchange(is_held_, true)) context_.held->Add(*this);
  return true;
}

void ResponseStream::StopHolding() {
  if (std::exchange(is_held_, false)) context_.held->Remove(*this);
}

bool ResponseStream::SendHeld() {
  int expected = kOpen;
  if (!gate_.compare_exchange_strong(expected, kSendingHeld, std::memory_order_acquire)) {
    return expected == kTakenOver;
  }
  is_held_ = false;
  if (queue_.Drain() == IoStatus::kClosed) Fail(WriteStatus::kClosed);
  gate_.store(kOpen, std::memory_order_release);
  return true;
}

WriteStatus ResponseStream::WaitForRoom() {
  while (queue_.bytes_waiting() > SendQueue::kMemoryLimit || queue_.files_waiting() > kFilesLimit) {
    const int fd = context_.socket->fd();
    const IoStatus waited = WaitAside(waiter_, fd, Direction::kWrite, context_.timeout);
    if (waited == IoStatus::kTimeout) return Fail(WriteStatus::kTimeout);
    if (is_taken_over()) return Fail(WriteStatus::kAborted);
    if (Drain() == IoStatus::kClosed) return Fail(WriteStatus::kClosed);
  }
  return WriteStatus::kOk;
}

WriteStatus ResponseStream::WriteFile(int fd, std::uint64_t offset, std::uint64_t count) {
  if (!Enter()) return WriteStatus::kAborted;
  const WriteStatus status = WriteFileEntered(fd, offset, count);
  Leave();
  return status;
}

WriteStatus ResponseStream::WriteFileEntered(int fd, std::uint64_t offset, std::uint64_t count) {
  if (status_ != WriteStatus::kOk || ended_ || stage_ == Head::kNone) return status_;
  if (stage_ == Head::kSet && context_.app_files != nullptr && SendNamedFile()) return status_;
  const bool is_first = stage_ == Head::kSet;
  if (is_first) CompleteHead(count);
  ++write_count_;
  const std::uint64_t allowed = Allowed(count);
  const bool chunk = framing_ == Framing::kChunked && allowed > 0;
  const std::size_t before = queue_.tail().size();
  if (chunk) BeginChunk(allowed);
  if (allowed > 0 && !queue_.AppendCopy(fd, offset, allowed)) {
    LogLasting(LogLevel::kError, "a file of the application cannot be sent: {}, see --max-fd",
               ErrorText(errno));
    queue_.tail().resize(before);
    if (!is_first) return Fail(WriteStatus::kAborted);
    SendUnavailable();
    return status_;
  }
  body_bytes_ += allowed;
  used_sendfile_ = used_sendfile_ || allowed > 0;
  if (chunk) queue_.tail().append("\r\n");
  if (Drain() == IoStatus::kClosed) return Fail(WriteStatus::kClosed);
  return WaitForRoom();
}

void ResponseStream::SendFileResponse(FileResponse response) {
  if (response.code == 503) return SendUnavailable();
  SetHead(response.head());
  QueueFileResponse(response);
}

bool ResponseStream::SendNamedFile() {
  auto response = context_.app_files->Find(head_, *context_.request);
  if (!response) return false;
  if (response->code == 503) {
    SendUnavailable();
    return true;
  }
  ResponseHead head = response->head();
  head.has_date = head_.has_date;
  head.has_server = head_.has_server;
  head_ = head;
  code_ = head_.code;
  body_allowed_ = !context_.head_only && code_ != 304;
  declared_length_ = head_.content_length;
  QueueFileResponse(*response);
  return true;
}

void ResponseStream::QueueFileResponse(FileResponse& response) {
  CompleteHead(response.body_size());
  ended_ = true;
  ++write_count_;
  if (body_allowed_) {
    const auto file = std::make_shared<const UniqueFd>(std::move(response.fd));
    for (const FileResponse::Part& part : response.parts) {
      queue_.tail().append(part.before);
      queue_.AppendFile(file, part.offset, part.count);
    }
    queue_.tail().append(response.after);
    body_bytes_ = response.body_size();
    used_sendfile_ = !response.parts.empty();
  }
  if (Drain() == IoStatus::kClosed) Fail(WriteStatus::kClosed);
}

void ResponseStream::SendUnavailable() { SendError(503, "Retry-After: 1\r\n"); }

IoStatus ResponseStream::Drain() {
  StopHolding();
  const IoStatus status = queue_.Drain();
  if (status != IoStatus::kEnd) return status;
  broken_ = true;  // A file shrank under us: the promised length can not be kept.
  queue_.Clear();
  return IoStatus::kClosed;
}

WriteStatus ResponseStream::Fail(WriteStatus status) {
  StopHolding();
  // What was written before goes out.
  if (status == WriteStatus::kAborted) static_cast<void>(queue_.Drain());
  if (status_ == WriteStatus::kOk) status_ = status;
  keep_alive_ = false;
  broken_ = true;
  queue_.Clear();
  return status_;
}

void ResponseStream::Abort() {
  if (!Enter()) return;
  if (stage_ != Head::kSent) {
    SendError(CodeOfFailure(context_.body->failure()));
  } else if (!ended_) {
    Fail(WriteStatus::kAborted);
  }
  Leave();
}

void ResponseStream::HoldNothing() {
  if (!Enter()) return;
  may_hold_ = false;
  if (status_ == WriteStatus::kOk && Drain() == IoStatus::kClosed) Fail(WriteStatus::kClosed);
  Leave();
}

void ResponseStream::Disconnect() {
  if (!Enter()) return;
  keep_alive_ = false;
  if (stage_ == Head::kSet) CompleteHead(std::nullopt);
  ended_ = true;
  if (Drain() == IoStatus::kOk) context_.socket->Shutdown();
  Leave();
}

void ResponseStream::SendRaw(std::string_view bytes) {
  stage_ = Head::kSent;
  ended_ = true;
  static_cast<void>(Send({&bytes, 1}));
}

void ResponseStream::SendError(int code, std::string_view more_fields) {
  const protocol::SimpleResponse response =
      protocol::MakeSimpleResponse(code, CommonFraming(), context_.head_only, more_fields);
  queue_.Clear();
  queue_.tail() = response.head;
  queue_.tail() += response.body;
  stage_ = Head::kSent;
  head_bytes_ = response.head.size();
  body_bytes_ = response.body.size();
  code_ = code;
  field_count_ = 2;
  declared_length_.reset();  // The application's.
  ended_ = true;
  keep_alive_ = false;
  static_cast<void>(Send({}));
}

void ResponseStream::End() {
  if (Enter()) {  // From here on nobody else uses the response.
    StopHolding();
    Leave();
  }
  if (ended_ || status_ != WriteStatus::kOk) {
    if (overlong_) LogWarning("response body longer than its Content-Length was cut");
  } else if (stage_ == Head::kNone) {
    Abort();
  } else {
    static_cast<void>(Write({}, true));
  }
  EndCompression();
  if (is_short() && status_ == WriteStatus::kOk && framing_ == Framing::kLength) {
    WarnOfShortBody();
    keep_alive_ = false;
  }
}

void ResponseStream::WarnOfShortBody() const {
  LogWarning("response body has {} bytes, its Content-Length says {}: closing the connection",
             body_bytes_, *declared_length_);
}

bool ResponseStream::TakeOver(int code) {
  int before = kOpen;
  while (!gate_.compare_exchange_weak(before, kTakenOver, std::memory_order_acq_rel)) {
    if (before != kSendingHeld) continue;
    std::this_thread::yield();
    before = kOpen;
  }
  const bool is_inside = before == kInside;
  if (!is_inside) StopHolding();
  if (!is_inside && stage_ != Head::kSent) SendError(code);
  // A writer that waits for the peer wakes up, and finds the gate closed.
  cut_ = is_inside || !ended_ || !is_drained();
  if (cut_) {
    context_.socket->ResetNow();
  } else {
    context_.socket->ShutdownWrite();
  }
  return !is_inside;
}

}  // namespace uwsgi
