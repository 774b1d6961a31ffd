// SPDX-License-Identifier: MIT

#include "exchange/body_stream.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/lasting_log.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
// What one turn of the loop takes from one client at most.
constexpr std::size_t kPrefetchTurn = 256 * 1024;
// Raw bytes of a chunked body that wait to be decoded.
constexpr std::size_t kChunkBuffer = 16 * 1024;
// A thread that has asked for a body expects it soon.
constexpr std::chrono::milliseconds kContinueGrace{2000};
// A body of more than so many times what is kept in memory may stream: less may have waited in the
// kernel's buffers, so that its speed tells nothing.
constexpr std::uint64_t kStreamsFrom = 8;
// Bytes a second, over the time that they were waited for. A client is worth a thread from the
// first on, and is slow below the second.
constexpr std::int64_t kFastRate = 8 << 20;
constexpr std::int64_t kSlowRate = 1 << 20;
// A client to which a thread is lent may pause for so long.
constexpr std::chrono::nanoseconds kPause = std::chrono::seconds(2);
// A thread that waits for a client looks so often whether it still may.
constexpr std::chrono::milliseconds kLook{250};

std::int64_t NsFor(std::uint64_t bytes, std::int64_t rate) {
  return static_cast<std::int64_t>(bytes) * (1'000'000'000 / rate);
}

}  // namespace

void BodyStream::Begin(PeerSocket& socket, ReadBuffer& input, std::optional<std::uint64_t> length,
                       bool expects_continue, std::chrono::milliseconds timeout) {
  input_ = &input;
  socket_ = &socket;
  timeout_ = timeout;
  chunked_ = !length.has_value();
  wire_left_ = length.value_or(0);
  wire_taken_ = 0;
  streamed_ = false;
  chunks_.Clear();
  if (chunked_) {
    chunks_.Assign(input.bytes());
    input.Consume(input.bytes().size());
  }
  wire_done_ = !chunked_ && wire_left_ == 0;
  expects_continue_ = expects_continue && !wire_done_;
  decoder_.Reset();
  early_ = {};
  memory_.clear();
  CloseSpool();
  is_full_ = has_begun_ = false;
  waits_since_ns_.store(0, std::memory_order_relaxed);
  waited_ns_.store(0, std::memory_order_relaxed);
  loan_ns_.store(0, std::memory_order_relaxed);
  recalled_.store(false, std::memory_order_relaxed);
  waited_before_loan_ns_ = 0;
  taken_before_loan_ = 0;
  grace_ = timeout_;
  stored_ = position_ = 0;
  failure_ = ReadStatus::kOk;
}

void BodyStream::Reset(std::size_t capacity) {
  early_ = {};
  CloseSpool();
  chunks_.Shrink(capacity);
  memory_.clear();
  if (memory_.capacity() > capacity) memory_.shrink_to_fit();
}

BodyStream::Prefetched BodyStream::Prefetch(bool lends) {
  if (wire_done_) return Prefetched::kComplete;
  StopWaiting();
  if (is_held_back()) return Lend();
  expects_continue_ = false;
  if (!chunked_ && !has_begun_ && input_->bytes().size() >= wire_left_) {
    early_ = input_->bytes().substr(0, wire_left_);
    input_->Consume(early_.size());
    stored_ = wire_left_;
    wire_left_ = 0;
    wire_done_ = true;
    return Prefetched::kComplete;
  }
  has_begun_ = true;
  std::array<char, kReadSize> piece;
  for (std::size_t turn = 0; turn < kPrefetchTurn || socket_->has_buffered();) {
    if ((lends || is_full_) && MayStream()) return Lend();
    if (is_full_) {
      if (limits_.whole_above == 0) limits_.room->NoteFull();
      return Prefetched::kNoRoom;
    }
    const IoOutcome taken = TakeFromWire(piece);
    if (failure_ != ReadStatus::kOk) return Prefetched::kFailed;
    if (taken.bytes > 0) Store({piece.data(), taken.bytes});
    if (taken.status == IoStatus::kWouldBlock) {
      if (IsTooSlow()) {
        failure_ = ReadStatus::kTimeout;
        return Prefetched::kFailed;
      }
      StartWaiting();
      return Prefetched::kMore;
    }
    if (wire_done_) return Prefetched::kComplete;
    turn += taken.bytes;
  }
  return Prefetched::kMore;
}

bool BodyStream::MayStream() const {
  if (limits_.whole_above > 0) return false;
  if (is_full_ && !limits_.room->is_usable()) return true;  // There is no choice.
  return stored_ >= proof() && waited_ns() <= NsFor(wire_taken_, kFastRate);
}

std::uint64_t BodyStream::proof() const { return kStreamsFrom * limits_.memory; }

BodyStream::Prefetched BodyStream::Lend() {
  waited_before_loan_ns_ = waited_ns();
  taken_before_loan_ = wire_taken_;
  if (reserved_ > spool_.size()) {
    limits_.room->Return(reserved_ - spool_.size());
    reserved_ = spool_.size();
  }
  return Prefetched::kStreaming;
}

void BodyStream::Store(std::string_view bytes) {
  const std::uint64_t in_memory = limits_.whole_above > 0 ? limits_.whole_above : limits_.memory;
  const bool to_file = stored_ + bytes.size() > in_memory;
  stored_ += bytes.size();
  if (!to_file || !Spool(bytes)) memory_.append(bytes);
}

bool BodyStream::OpenSpool() {
  if (spool_.is_open()) return true;
  auto opened = spool_.Open(limits_.spool_dir);
  if (opened) return true;
  if (limits_.whole_above > 0) {
    LogLasting(LogLevel::kError, "cannot buffer a request body: {} (see --post-buffering-dir)",
               opened.error().message);
  } else {
    limits_.room->NoteNoFiles(opened.error());
  }
  return false;
}

bool BodyStream::Spool(std::string_view bytes) {
  const bool is_counted = limits_.whole_above == 0;
  is_full_ = true;
  if (is_counted && !limits_.room->is_usable()) return false;
  if (!OpenSpool()) return false;
  const std::uint64_t before = spool_.size();
  if (is_counted && !Reserve(before + memory_.size() + bytes.size())) return false;
  auto written = spool_.Append(memory_);
  if (written) written = spool_.Append(bytes);
  if (!written) {
    LogLasting(LogLevel::kError, "cannot buffer a request body: {} (see --post-buffering-dir)",
               written.error().message);
    spool_.Cut(before);
    return false;
  }
  memory_ = {};
  is_full_ = false;
  return true;
}

bool BodyStream::Reserve(std::uint64_t size) {
  if (size <= reserved_) return true;
  const std::uint64_t whole = size + (chunked_ ? 0 : wire_left_);
  // One that is too large may still turn out to come fast, and stream.
  for (const std::uint64_t wanted : {whole, size}) {
    if (wanted < whole && size > proof() + kReadSize) return false;
    if (!limits_.room->Take(wanted - reserved_)) continue;
    reserved_ = wanted;
    return true;
  }
  return false;
}

void BodyStream::CloseSpool() {
  if (reserved_ > 0) limits_.room->Return(std::exchange(reserved_, 0));
  spool_.Close();
}

void BodyStream::StartWaiting() {
  waits_since_ns_.store(os::MonotonicNs(), std::memory_order_release);
}

void BodyStream::StopWaiting() {
  if (waits_since_ns_.load(std::memory_order_relaxed) == 0) return;
  waited_ns_.store(waited_ns(), std::memory_order_relaxed);
  waits_since_ns_.store(0, std::memory_order_release);
}

// Between StopWaiting's two steps others count a wait twice for a moment, but never lack one.
std::int64_t BodyStream::waited_ns() const {
  const std::int64_t since = waits_since_ns_.load(std::memory_order_acquire);
  const std::int64_t before = waited_ns_.load(std::memory_order_relaxed);
  return since == 0 ? before : before + os::MonotonicNs() - since;
}

std::int64_t BodyStream::time_lent_ns() const {
  return std::min(waited_ns() - waited_before_loan_ns_, loan_ns_.load(std::memory_order_relaxed));
}

bool BodyStream::Recall() {
  const bool waits = waits_since_ns_.load(std::memory_order_acquire) != 0;
  return waits && !recalled_.exchange(true, std::memory_order_relaxed);
}

std::chrono::nanoseconds BodyStream::TimeAllowed() const {
  return grace_ + std::chrono::seconds(wire_taken_ / limits_.min_rate);
}

bool BodyStream::IsTooSlow() const {
  return limits_.min_rate > 0 && waited_ns_ > TimeAllowed().count();
}

std::chrono::milliseconds BodyStream::Patience() const {
  if (limits_.min_rate == 0) return timeout_;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      TimeAllowed() - std::chrono::nanoseconds(waited_ns_));
  return std::clamp(left, std::chrono::milliseconds(0), timeout_);
}

IoOutcome BodyStream::TakeFromWire(std::span<char> into) {
  if (wire_done_) return {0, IoStatus::kEnd};
  IoOutcome outcome;
  if (chunked_) {
    outcome = TakeChunked(into);
  } else {
    const std::size_t want = std::min<std::uint64_t>(into.size(), wire_left_);
    const std::string_view here = input_->bytes().substr(0, want);
    if (!here.empty()) {
      std::memcpy(into.data(), here.data(), here.size());
      input_->Consume(here.size());
      outcome.bytes = here.size();
    } else {
      outcome = socket_->Receive(into.first(want));
      if (outcome.status == IoStatus::kEnd) outcome.status = IoStatus::kClosed;
    }
    wire_left_ -= outcome.bytes;
    wire_done_ = wire_left_ == 0;
  }
  wire_taken_ += outcome.bytes;
  const bool is_cut = outcome.status == IoStatus::kClosed && failure_ == ReadStatus::kOk;
  if (is_cut) failure_ = ReadStatus::kTruncated;
  if (limits_.post > 0 && wire_taken_ > limits_.post) failure_ = ReadStatus::kTooLarge;
  return outcome;
}

IoOutcome BodyStream::TakeChunked(std::span<char> into) {
  for (;;) {
    const auto step = decoder_.Decode(chunks_.bytes(), into);
    chunks_.Consume(step.consumed);
    wire_done_ = step.state == protocol::ChunkedDecoder::State::kDone;
    if (step.state == protocol::ChunkedDecoder::State::kMalformed) {
      failure_ = ReadStatus::kMalformed;
      return {0, IoStatus::kClosed};
    }
    if (step.produced > 0 || wire_done_) return {step.produced, IoStatus::kOk};
    chunks_.Reserve(kChunkBuffer);
    const IoOutcome outcome = socket_->Receive(chunks_.space());
    if (outcome.status == IoStatus::kEnd) return {0, IoStatus::kClosed};
    if (outcome.status != IoStatus::kOk) return outcome;
    chunks_.Produced(outcome.bytes);
  }
}

bool BodyStream::AwaitMore() {
  const std::int64_t loan = NsFor(wire_taken_ - taken_before_loan_, kSlowRate) + kPause.count();
  loan_ns_.store(loan, std::memory_order_relaxed);
  const Aside aside(waiter_);
  StartWaiting();
  bool has_come = false;
  for (auto left = Patience(); !has_come && left.count() > 0; left -= std::min(left, kLook)) {
    const IoStatus status = waiter_.Wait(socket_->fd(), Direction::kRead, std::min(left, kLook));
    has_come = status != IoStatus::kTimeout;
    if (has_come || recalled_.load(std::memory_order_relaxed)) break;
    const bool is_slow = waited_ns() - waited_before_loan_ns_ > loan;
    if (is_slow && limits_.threads_wanted->load(std::memory_order_relaxed)) break;
  }
  StopWaiting();
  return has_come && !IsTooSlow();
}

ReadOutcome BodyStream::FailRead(ReadStatus status) {
  failure_ = status;
  return {0, status};
}

void BodyStream::SendContinue() {
  expects_continue_ = false;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const iovec piece{const_cast<char*>(kContinue.data()), kContinue.size()};
  // Tiny, and nothing waits before it.
  if (socket_->Send({&piece, 1}).bytes < kContinue.size()) socket_->Shutdown();
}

void BodyStream::NoteResponse() {
  if (!expects_continue_) return;
  expects_continue_ = false;
  grace_ = std::min(grace_, kContinueGrace);
}

ReadOutcome BodyStream::ReadStored(std::span<char> into) {
  if (spool_.is_open() && position_ < spool_.size()) {
    const ssize_t got = ::pread(spool_.fd(), into.data(),
                                std::min<std::uint64_t>(into.size(), spool_.size() - position_),
                                static_cast<off_t>(position_));
    if (got <= 0) return FailRead(ReadStatus::kTruncated);
    position_ += static_cast<std::uint64_t>(got);
    return {static_cast<std::size_t>(got), ReadStatus::kOk};
  }
  const std::size_t count = std::min<std::uint64_t>(into.size(), stored_ - position_);
  const std::string_view stored = early_.empty() ? std::string_view(memory_) : early_;
  std::memcpy(into.data(), stored.data() + (position_ - spool_.size()), count);
  position_ += count;
  return {count, ReadStatus::kOk};
}

ReadOutcome BodyStream::Read(std::span<char> into) {
  if (into.empty()) return {};
  if (position_ < stored_) return ReadStored(into);
  if (failure_ != ReadStatus::kOk) return {0, failure_};
  while (!wire_done_) {
    if (expects_continue_) {
      grace_ = std::min(grace_, kContinueGrace);
      SendContinue();
    }
    const IoOutcome outcome = TakeFromWire(into);
    if (failure_ != ReadStatus::kOk) return {0, failure_};
    if (outcome.status == IoStatus::kWouldBlock) {
      if (!AwaitMore()) return FailRead(ReadStatus::kTimeout);
      continue;
    }
    if (outcome.bytes == 0) continue;  // The end of the chunks: wire_done_ ends the loop.
    // What streams is not kept: the stored part ends where the stream begins.
    streamed_ = true;
    position_ += outcome.bytes;
    stored_ = position_;
    return {outcome.bytes, ReadStatus::kOk};
  }
  return {};
}

bool BodyStream::Seek(std::uint64_t offset) {
  if (!is_seekable() || offset > stored_) return false;
  position_ = offset;
  return true;
}

bool BodyStream::SkipRest() {
  if (wire_done_) return true;
  if (chunked_ || failure_ != ReadStatus::kOk || input_->bytes().size() < wire_left_) return false;
  input_->Consume(wire_left_);
  wire_left_ = 0;
  wire_done_ = true;
  return true;
}

bool BodyStream::AppendRaw(std::string& out) const {
  if ((chunked_ && has_begun_) || spool_.is_open() || streamed_) return false;
  out.append(early_).append(memory_).append(leftover());
  return true;
}

std::string_view BodyStream::leftover() const {
  return chunked_ ? chunks_.bytes() : input_->bytes();
}

}  // namespace uwsgi
