// SPDX-License-Identifier: MIT

#include "exchange/response_output.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/c_locale.h"
#include "base/lasting_log.h"
#include "exchange/held_responses.h"

namespace uwsgi {
namespace {

// Below this a copy into one buffer is cheaper than gathering.
constexpr std::size_t kCopyBelow = 8 * 1024;
constexpr std::size_t kMaxPieces = 32;
// Less than this may wait for the application's next piece.
constexpr std::size_t kHoldBelow = 16 * 1024;
// Files keep descriptors open, so an application waits for them, too.
constexpr std::size_t kFilesLimit = 4;

}  // namespace

void ResponseOutput::Begin(const Context& context) {
  context_ = context;
  queue_.Begin(*context.socket, *context.spool_limits);
  status_ = WriteStatus::kOk;
  is_broken_ = used_file_ = drains_next_ = false;
  // A session of TLS has one user at a time, and the application may read meanwhile.
  may_hold_ = context.socket->tls() == nullptr;
  gate_.Open();
}

void ResponseOutput::Reset(std::size_t capacity) { queue_.Reset(capacity); }

Passed ResponseOutput::Send(const BodyPieces& body, std::string_view trailer, Rest rest) {
  const bool copy =
      body.size < kCopyBelow || body.pieces.size() + 1 > kMaxPieces || rest == Rest::kSoon;
  if (!copy) return SendGathered(body, trailer, rest);
  std::uint64_t left = body.size;
  for (std::string_view piece : body.pieces) {
    piece = piece.substr(0, std::min<std::uint64_t>(piece.size(), left));
    left -= piece.size();
    queue_.tail().append(piece);
  }
  queue_.tail().append(trailer);
  if (rest == Rest::kSoon || (rest == Rest::kMore && Hold())) return Passed::kOn;
  return Flush({}, rest);
}

Passed ResponseOutput::SendGathered(const BodyPieces& body, std::string_view trailer, Rest rest) {
  std::array<std::string_view, kMaxPieces> gathered;
  std::size_t count = 0;
  std::uint64_t left = body.size;
  for (std::string_view piece : body.pieces) {
    piece = piece.substr(0, std::min<std::uint64_t>(piece.size(), left));
    left -= piece.size();
    if (!piece.empty()) gathered[count++] = piece;
  }
  gathered[count++] = trailer;
  return Flush({gathered.data(), count}, rest);
}

Passed ResponseOutput::Flush(std::span<const std::string_view> pieces, Rest rest) {
  StopHolding();
  if (queue_.Send(pieces) != IoStatus::kOk) return FailWith(WriteStatus::kClosed);
  if (std::exchange(drains_next_, false) && Drain() == IoStatus::kClosed) {
    return FailWith(WriteStatus::kClosed);
  }
  return rest == Rest::kMore ? WaitForRoom() : Passed::kOn;
}

Passed ResponseOutput::SendFile(const FilePart& part, std::string_view trailer, Rest rest) {
  if (part.count > 0 && part.shared != nullptr) {
    queue_.AppendFile(*part.shared, part.offset, part.count);
  } else if (part.count > 0 && !queue_.AppendCopy(part.fd, part.offset, part.count)) {
    LogLasting(LogLevel::kError, "a file of the application cannot be sent: {}, see --max-fd",
               ErrorText(errno));
    return Passed::kUnavailable;
  }
  used_file_ = used_file_ || part.count > 0;
  queue_.tail().append(trailer);
  if (rest == Rest::kSoon) {
    drains_next_ = true;
    return Passed::kOn;
  }
  if (Drain() == IoStatus::kClosed) return FailWith(WriteStatus::kClosed);
  return rest == Rest::kMore ? WaitForRoom() : Passed::kOn;
}

bool ResponseOutput::Hold() {
  if (!may_hold_ || queue_.bytes_waiting() >= kHoldBelow) return false;
  if (!std::exchange(is_held_, true)) context_.held->Add(*this);
  return true;
}

void ResponseOutput::StopHolding() {
  if (std::exchange(is_held_, false)) context_.held->Remove(*this);
}

bool ResponseOutput::SendHeld() {
  switch (gate_.TryVisit()) {
    case ResponseGate::Visit::kBusy:
      return false;
    case ResponseGate::Visit::kClosed:
      return true;
    case ResponseGate::Visit::kInside:
      break;
  }
  is_held_ = false;
  if (queue_.Drain() == IoStatus::kClosed) Fail(WriteStatus::kClosed);
  gate_.EndVisit();
  return true;
}

Passed ResponseOutput::WaitForRoom() {
  while (queue_.bytes_waiting() > SendQueue::kMemoryLimit || queue_.files_waiting() > kFilesLimit) {
    const int fd = context_.socket->fd();
    const IoStatus waited = WaitAside(waiter_, fd, Direction::kWrite, context_.timeout);
    if (waited == IoStatus::kTimeout) return FailWith(WriteStatus::kTimeout);
    if (gate_.is_closed()) return FailWith(WriteStatus::kAborted);
    if (Drain() == IoStatus::kClosed) return FailWith(WriteStatus::kClosed);
  }
  return Passed::kOn;
}

IoStatus ResponseOutput::Drain() {
  StopHolding();
  const IoStatus status = queue_.Drain();
  if (status != IoStatus::kEnd) return status;
  is_broken_ = true;  // A file shrank under us: the promised length can not be kept.
  queue_.Clear();
  return IoStatus::kClosed;
}

WriteStatus ResponseOutput::Fail(WriteStatus status) {
  StopHolding();
  // What was written before goes out.
  if (status == WriteStatus::kAborted) static_cast<void>(queue_.Drain());
  if (status_ == WriteStatus::kOk) status_ = status;
  is_broken_ = true;
  queue_.Clear();
  return status_;
}

Passed ResponseOutput::FailWith(WriteStatus status) {
  Fail(status);
  return Passed::kFailed;
}

}  // namespace uwsgi
