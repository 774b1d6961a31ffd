// SPDX-License-Identifier: MIT

#include "worker/body_stream.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
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
  spool_.Close();
  waits_since_ns_.store(0, std::memory_order_relaxed);
  waited_ns_.store(0, std::memory_order_relaxed);
  grace_ = timeout_;
  stored_ = position_ = 0;
  failure_ = ReadStatus::kOk;
}

void BodyStream::Reset(std::size_t capacity) {
  early_ = {};
  spool_.Close();
  chunks_.Shrink(capacity);
  memory_.clear();
  if (memory_.capacity() > capacity) memory_.shrink_to_fit();
}

BodyStream::Prefetched BodyStream::Prefetch() {
  if (wire_done_) return Prefetched::kComplete;
  StopWaiting();
  if (is_held_back()) return Prefetched::kStreaming;
  expects_continue_ = false;
  if (!chunked_ && stored_ == 0 && input_->bytes().size() >= wire_left_) {
    early_ = input_->bytes().substr(0, wire_left_);
    input_->Consume(early_.size());
    stored_ = wire_left_;
    wire_left_ = 0;
    wire_done_ = true;
    return Prefetched::kComplete;
  }
  const bool spools = limits_.spool_above > 0;
  std::array<char, kReadSize> piece;
  for (std::size_t turn = 0; turn < kPrefetchTurn || socket_->has_buffered();) {
    if (!spools && stored_ >= limits_.memory) return Prefetched::kStreaming;
    const IoOutcome taken = TakeFromWire(piece);
    if (failure_ != ReadStatus::kOk) return Prefetched::kFailed;
    if (taken.bytes > 0 && !Store({piece.data(), taken.bytes})) return Prefetched::kFailed;
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

bool BodyStream::Store(std::string_view bytes) {
  const bool to_file =
      spool_.is_open() || (limits_.spool_above > 0 && stored_ + bytes.size() > limits_.spool_above);
  if (to_file && !spool_.is_open() && !StartSpool()) return false;
  if (!to_file) {
    memory_.append(bytes);
  } else if (auto written = spool_.Append(bytes); !written) {
    return FailStore(written.error());
  }
  stored_ += bytes.size();
  return true;
}

bool BodyStream::FailStore(const Error& error) {
  LogError("cannot buffer a request body: {} (see --post-buffering-dir)", error.message);
  failure_ = ReadStatus::kTruncated;
  return false;
}

bool BodyStream::StartSpool() {
  auto opened = spool_.Open(limits_.spool_dir);
  if (opened) opened = spool_.Append(memory_);
  if (!opened) return FailStore(opened.error());
  memory_ = {};
  return true;
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
  const std::size_t count = std::min<std::uint64_t>(into.size(), stored_ - position_);
  if (spool_.is_open()) {
    const ssize_t got = ::pread(spool_.fd(), into.data(), count, static_cast<off_t>(position_));
    if (got <= 0) return FailRead(ReadStatus::kTruncated);
    position_ += static_cast<std::uint64_t>(got);
    return {static_cast<std::size_t>(got), ReadStatus::kOk};
  }
  const std::string_view stored = early_.empty() ? std::string_view(memory_) : early_;
  std::memcpy(into.data(), stored.data() + position_, count);
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
      StartWaiting();
      const IoStatus waited = socket_->Wait(gateway_, false, Patience());
      StopWaiting();
      if (waited == IoStatus::kTimeout || IsTooSlow()) return FailRead(ReadStatus::kTimeout);
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

std::string_view BodyStream::leftover() const {
  return chunked_ ? chunks_.bytes() : input_->bytes();
}

}  // namespace uwsgi
