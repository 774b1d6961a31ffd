// SPDX-License-Identifier: MIT

#include "exchange/websocket_session.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/log.h"
#include "compression/message_deflate.h"
#include "os/clock.h"

namespace uwsgi {
namespace {

using websocket::Opcode;

// The client is read no further while so much waits for the application.
constexpr std::size_t kInboxMessages = 32;
constexpr std::size_t kInboxBytes = 1 << 20;
// The application waits while more is unsent.
constexpr std::size_t kRoom = 64 * 1024;
constexpr std::size_t kReadSize = 16 * 1024;
// What one turn of the loop takes from one client at most.
constexpr std::size_t kReadTurn = 256 * 1024;
// Shorter messages are sent as they are.
constexpr std::size_t kDeflateFrom = 1024;

}  // namespace

WebSocketSession::WebSocketSession(Waiter& waiter, PeerSocket& socket, const Settings& settings,
                                   std::function<void()> attend)
    : waiter_(waiter),
      socket_(socket),
      settings_(settings),
      attend_(std::move(attend)),
      reader_({settings.max_size, settings.deflate.has_value()}),
      active_ns_(os::MonotonicNs()) {
  queue_.Begin(socket, no_spool_);
}

void WebSocketSession::Begin(std::string_view head, std::string_view early) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.Send({&head, 1}) != IoStatus::kOk) Lose();
    Feed(early);
    NoteChange();
  }
  attend_();
}

bool WebSocketSession::reads() const {
  if (is_lost_ || is_close_received_ || is_failed_ || has_given_up_) return false;
  return is_app_done_ || (inbox_.size() < kInboxMessages && inbox_bytes_ < kInboxBytes);
}

bool WebSocketSession::is_ended() const {
  return is_lost_ || is_close_received_ || is_failed_ || has_given_up_;
}

bool WebSocketSession::is_open() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return !is_ended() && !is_close_sent_;
}

std::int64_t WebSocketSession::BusySinceNs(std::int64_t now) const {
  const std::int64_t active = active_ns_.load(std::memory_order_relaxed);
  return active == 0 ? now : active;
}

std::uint64_t WebSocketSession::bytes_sent() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return bytes_sent_;
}

int WebSocketSession::messages_sent() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return messages_sent_;
}

// The lock is not held while the execution right is awaited: the loop may need it then.
template <typename Done>
void WebSocketSession::WaitAside(std::unique_lock<std::mutex>& lock, Done done) {
  if (done()) return;
  lock.unlock();
  active_ns_.store(0, std::memory_order_relaxed);
  {
    const Aside aside(waiter_);
    lock.lock();
    changed_.wait(lock, done);
    lock.unlock();
  }
  lock.lock();
}

WebSocket::Received WebSocketSession::Receive(bool wait, std::string& message) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (wait) {
    WaitAside(lock, [this] { return !inbox_.empty() || is_ended(); });
  }
  active_ns_.store(os::MonotonicNs(), std::memory_order_relaxed);
  if (inbox_.empty()) return is_ended() ? Received::kClosed : Received::kNothing;
  const bool was_full = !reads();
  message = std::move(inbox_.front());
  inbox_.pop_front();
  inbox_bytes_ -= message.size();
  NoteChange();
  const bool goes_on = was_full && reads();
  lock.unlock();
  if (goes_on) attend_();
  return Received::kMessage;
}

bool WebSocketSession::Send(bool is_text, std::string_view message) {
  std::string compressed;
  const bool is_compressed =
      settings_.deflate && message.size() >= kDeflateFrom &&
      compression::DeflateMessage(message, settings_.deflate->window_bits, compressed);
  std::unique_lock<std::mutex> lock(mutex_);
  active_ns_.store(os::MonotonicNs(), std::memory_order_relaxed);
  if (is_ended() || is_close_sent_) return false;
  SendFrame(is_text ? Opcode::kText : Opcode::kBinary, is_compressed ? compressed : message,
            is_compressed);
  ++messages_sent_;
  if (queue_.empty()) return !is_lost_;
  lock.unlock();
  attend_();
  lock.lock();
  WaitAside(lock, [this] { return queue_.bytes_waiting() <= kRoom || is_lost_; });
  active_ns_.store(os::MonotonicNs(), std::memory_order_relaxed);
  return !is_lost_;
}

int WebSocketSession::ready_fd() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!ready_fd_.valid()) {
    ready_fd_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    is_ready_ = false;
    NoteChange();
  }
  return ready_fd_.get();
}

void WebSocketSession::End(std::uint16_t code) {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_app_done_ = true;
  inbox_.clear();
  inbox_bytes_ = 0;
  if (!is_ended()) SendClose(code);
}

void WebSocketSession::Close(std::uint16_t code) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_ended() || is_close_sent_) return;
    SendClose(code);
  }
  attend_();
}

void WebSocketSession::Cut() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Lose();
  socket_.ResetNow();
  NoteChange();
}

// The loop's part.

WebSocketSession::Turn WebSocketSession::Advance() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Turn turn;
  const bool has_read = reads() && ReadSocket(turn.is_unread);
  const bool has_sent = SendQueued();
  if (pong_) SendPong();
  const bool closes = is_close_sent_ && (is_close_received_ || is_failed_ || has_given_up_);
  if (closes && queue_.empty() && !is_lost_ && !std::exchange(is_shut_, true)) {
    socket_.ShutdownWrite();
  }
  NoteChange();
  turn.is_lost = is_lost_;
  turn.is_over = is_lost_ || is_shut_;
  if (turn.is_over) return turn;
  turn.reads = reads();
  turn.writes = !queue_.empty();
  if (turn.writes) {
    turn.awaited = Awaited::kProgress;
    turn.is_renewed = has_sent;
  } else if (is_close_sent_) {
    turn.awaited = Awaited::kClosing;
  } else if (turn.reads) {
    turn.awaited = is_ping_sent_ ? Awaited::kPong : Awaited::kPing;
    turn.is_renewed = has_read;
  }
  return turn;
}

void WebSocketSession::Expire(Awaited awaited) {
  const std::lock_guard<std::mutex> lock(mutex_);
  switch (awaited) {
    case Awaited::kPing:
      SendFrame(Opcode::kPing, {});
      is_ping_sent_ = true;
      break;
    case Awaited::kPong:
      LogInfo("closed the websocket of {}: no pong came in time, see --websocket-pong-tolerance",
              settings_.name);
      SendClose(websocket::kInternalError);
      is_failed_ = true;
      break;
    case Awaited::kProgress:
      LogInfo(
          "closed the websocket of {}: its client took nothing for too long, see "
          "--socket-timeout",
          settings_.name);
      Lose();
      socket_.ResetNow();
      break;
    case Awaited::kClosing:
      has_given_up_ = true;
      break;
    case Awaited::kNothing:
      break;
  }
}

bool WebSocketSession::ReadSocket(bool& is_unread) {
  std::array<char, kReadSize> piece;
  std::size_t taken = 0;
  while (reads() && taken < kReadTurn) {
    const IoOutcome outcome = socket_.Receive(piece);
    if (outcome.status == IoStatus::kWouldBlock) return taken > 0;
    if (outcome.status != IoStatus::kOk) {
      Lose();
      return true;
    }
    taken += outcome.bytes;
    is_ping_sent_ = false;
    Feed({piece.data(), outcome.bytes});
  }
  is_unread = reads() && socket_.has_buffered();
  return true;
}

void WebSocketSession::Feed(std::string_view input) {
  using Event = websocket::MessageReader::Event;
  while (true) {
    switch (reader_.Next(input)) {
      case Event::kNeedMore:
        return;
      case Event::kMessage:
        if (is_app_done_) break;
        inbox_.push_back(reader_.TakePayload());
        inbox_bytes_ += inbox_.back().size();
        break;
      case Event::kPing:
        pong_ = std::string(reader_.payload());
        SendPong();
        break;
      case Event::kPong:
        break;
      case Event::kClose:
        is_close_received_ = true;
        SendClose(reader_.close_code());
        return;
      case Event::kFailed:
        if (reader_.refused_size() > 0) {
          LogInfo("closed the websocket of {}: {}: {} bytes, see --websocket-max-size",
                  settings_.name, reader_.failure(), reader_.refused_size());
        } else {
          LogInfo("closed the websocket of {}: {}", settings_.name, reader_.failure());
        }
        SendClose(reader_.close_code());
        is_failed_ = true;
        return;
    }
  }
}

bool WebSocketSession::SendQueued() {
  if (queue_.empty() || is_lost_) return false;
  const std::size_t before = queue_.bytes_waiting();
  if (queue_.Drain() == IoStatus::kClosed) Lose();
  return queue_.bytes_waiting() < before;
}

void WebSocketSession::SendFrame(Opcode opcode, std::string_view payload, bool is_compressed) {
  if (is_lost_) return;
  const websocket::EncodedHeader header(opcode, is_compressed, payload.size());
  const std::array<std::string_view, 2> pieces = {header.bytes(), payload};
  bytes_sent_ += header.bytes().size() + payload.size();
  if (queue_.Send(pieces) != IoStatus::kOk) Lose();
}

// Of several pings the last one is answered, where the client takes nothing: RFC 6455, 5.5.3.
void WebSocketSession::SendPong() {
  if (is_close_sent_) {
    pong_.reset();
  } else if (queue_.bytes_waiting() <= kRoom) {
    SendFrame(Opcode::kPong, *std::exchange(pong_, std::nullopt));
  }
}

void WebSocketSession::SendClose(std::uint16_t code) {
  if (std::exchange(is_close_sent_, true)) return;
  pong_.reset();
  SendFrame(Opcode::kClose, websocket::ClosePayload(code));
}

void WebSocketSession::Lose() {
  is_lost_ = true;
  queue_.Clear();
}

void WebSocketSession::NoteChange() {
  changed_.notify_all();
  const bool ready = !inbox_.empty() || is_ended();
  if (!ready_fd_.valid() || ready == is_ready_) return;
  is_ready_ = ready;
  std::uint64_t count = 1;
  const auto size = static_cast<ssize_t>(sizeof(count));
  const ssize_t done = ready ? ::write(ready_fd_.get(), &count, sizeof(count))
                             : ::read(ready_fd_.get(), &count, sizeof(count));
  if (done != size) is_ready_ = !ready;  // The application has closed it, or read it.
}

}  // namespace uwsgi
