// SPDX-License-Identifier: MIT

#include "net/send_queue.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/lasting_log.h"

namespace uwsgi {
namespace {

constexpr std::size_t kMaxPieces = 32;
// Less of a file is read and sent along with the bytes before it, which is cheaper than sendfile.
constexpr std::size_t kReadBelow = 16 * 1024;
// One turn of the loop sends at most this much of one file, so that others get theirs.
constexpr std::size_t kFileTurn = 512 * 1024;

void LogSpoolFailure(const Error& why) {
  LogLasting(
      LogLevel::kWarning,
      "slow clients' responses stay in memory: {}; name a directory that the server's user may "
      "write to by post-buffering-dir or TMPDIR",
      why.message);
}

}  // namespace

void SendQueue::Begin(PeerSocket& socket, const SpoolLimits& spool_limits) {
  socket_ = &socket;
  spool_limits_ = &spool_limits;
  spool_failed_ = false;
  Clear();
}

void SendQueue::Clear() {
  bytes_.clear();
  sent_ = 0;
  files_.clear();
  spool_.Clear();
}

void SendQueue::Reset(std::size_t capacity) {
  Clear();
  spool_.Close();
  if (bytes_.capacity() > capacity) bytes_.shrink_to_fit();
}

void SendQueue::AppendFile(const SharedFile& file, std::uint64_t offset, std::uint64_t count) {
  if (ReadFile(file->get(), offset, count)) return;
  files_.push_back({bytes_.size(), file, offset, count});
}

bool SendQueue::AppendCopy(int file, std::uint64_t offset, std::uint64_t count) {
  if (ReadFile(file, offset, count)) return true;
  UniqueFd copy(::fcntl(file, F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) return false;
  files_.push_back({bytes_.size(), std::make_shared<UniqueFd>(std::move(copy)), offset, count});
  return true;
}

bool SendQueue::ReadFile(int file, std::uint64_t offset, std::uint64_t size) {
  if (size > kReadBelow) return false;
  const auto count = static_cast<std::size_t>(size);
  const std::size_t before = bytes_.size();
  bytes_.resize(before + count);
  const ssize_t got = ::pread(file, bytes_.data() + before, count, static_cast<off_t>(offset));
  if (got == static_cast<ssize_t>(count)) return true;
  bytes_.resize(before);
  return false;
}

IoStatus SendQueue::Send(std::span<const std::string_view> pieces) {
  std::size_t taken = 0;
  if (files_.empty() && pieces.size() < kMaxPieces) {
    std::array<iovec, kMaxPieces> vectors;
    std::size_t count = 0;
    if (sent_ < bytes_.size()) vectors[count++] = {bytes_.data() + sent_, bytes_.size() - sent_};
    for (const std::string_view piece : pieces) {
      if (!piece.empty()) vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
    }
    if (count == 0) return IoStatus::kOk;
    const IoOutcome outcome = socket_->Send({vectors.data(), count});
    if (outcome.status == IoStatus::kClosed) return IoStatus::kClosed;
    const std::size_t of_bytes = std::min(outcome.bytes, bytes_.size() - sent_);
    sent_ += of_bytes;
    taken = outcome.bytes - of_bytes;
    if (sent_ == bytes_.size()) Clear();
    DropSent();
  }
  for (const std::string_view piece : pieces) {
    const std::size_t of_piece = std::min(taken, piece.size());
    taken -= of_piece;
    const std::string_view rest = piece.substr(of_piece);
    if (bytes_waiting() + rest.size() <= kMemoryLimit || !Spool(rest)) bytes_.append(rest);
  }
  if (bytes_waiting() > kMemoryLimit) static_cast<void>(Spool({}));
  return IoStatus::kOk;
}

bool SendQueue::OpenSpool() {
  if (files_.empty()) spool_.Clear();  // All of it was sent.
  if (spool_.is_open()) return true;
  if (spool_failed_ || spool_limits_->bytes == 0) return false;
  auto opened = spool_.Open(spool_limits_->directory);
  if (opened) return true;
  spool_failed_ = true;
  LogSpoolFailure(opened.error());
  return false;
}

bool SendQueue::Spool(std::string_view bytes) {
  if (!OpenSpool()) return false;
  const std::size_t begin = std::max(sent_, files_.empty() ? 0 : files_.back().position);
  const std::string_view before = std::string_view(bytes_).substr(begin);
  const std::uint64_t offset = spool_.size();
  const std::uint64_t count = before.size() + bytes.size();
  if (spool_failed_ || offset + count > spool_limits_->bytes) return false;
  auto written = spool_.Append(before);
  if (written) written = spool_.Append(bytes);
  if (!written) {
    spool_failed_ = true;
    LogSpoolFailure(written.error());
    return false;
  }
  bytes_.resize(begin);
  FilePiece* last = files_.empty() ? nullptr : &files_.back();
  if (last != nullptr && last->file == nullptr && last->position == begin) {
    last->left += count;
  } else {
    files_.push_back({begin, nullptr, offset, count});
  }
  return true;
}

IoStatus SendQueue::SendBytesUntil(std::size_t end, bool more) {
  while (sent_ < end) {
    const iovec rest{bytes_.data() + sent_, end - sent_};
    const IoOutcome outcome = socket_->Send({&rest, 1}, more);
    if (outcome.status != IoStatus::kOk) return outcome.status;
    sent_ += outcome.bytes;
  }
  return IoStatus::kOk;
}

void SendQueue::DropSent() {
  if (sent_ < std::max(kMemoryLimit, bytes_waiting())) return;
  bytes_.erase(0, sent_);
  for (FilePiece& piece : files_) piece.position -= sent_;
  sent_ = 0;
}

IoStatus SendQueue::SendFirstFile(std::size_t& budget) {
  FilePiece& piece = files_.front();
  const int file = piece.file == nullptr ? spool_.fd() : piece.file->get();
  while (piece.left > 0) {
    if (budget == 0) return IoStatus::kWouldBlock;
    const std::size_t want = std::min<std::uint64_t>(piece.left, budget);
    const IoOutcome outcome = socket_->SendFile(file, piece.offset, want);
    if (outcome.status != IoStatus::kOk) return outcome.status;
    piece.offset += outcome.bytes;
    piece.left -= outcome.bytes;
    budget -= outcome.bytes;
  }
  files_.erase(files_.begin());
  return IoStatus::kOk;
}

IoStatus SendQueue::Drain() {
  DropSent();
  std::size_t budget = kFileTurn;
  while (!files_.empty()) {
    IoStatus status = SendBytesUntil(files_.front().position, true);
    if (status == IoStatus::kOk) status = SendFirstFile(budget);
    if (status != IoStatus::kOk) return status;
  }
  const IoStatus status = SendBytesUntil(bytes_.size(), false);
  if (status == IoStatus::kOk) Clear();
  return status;
}

}  // namespace uwsgi
