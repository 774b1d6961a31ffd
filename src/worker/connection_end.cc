// SPDX-License-Identifier: MIT
//
// How an exchange ends, and how a connection does.

#include <fmt/core.h>

#include <string_view>

#include "base/log.h"
#include "worker/connection.h"
#include "worker/connection_reactor.h"

namespace uwsgi {

Connection::Next Connection::EndExchange() {
  Leave();
  const ResponseStream& response = exchange_->response_stream;
  if (response.is_broken()) {
    if (!response.peer_is_gone()) socket_.ResetOnClose();
    Close();
    return Next::kWait;
  }
  const bool consumed = !refused_ && exchange_->body_stream.is_consumed();
  if (consumed && response.keeps_alive()) {
    kept_ = true;
    BeginExchange(exchange_->body_stream.leftover());
    return Next::kContinue;
  }
  if (consumed && IsOver()) {
    Close();
    return Next::kWait;
  }
  socket_.ShutdownWrite();
  stage_ = Stage::kLingering;
  lingering_.Begin(reactor_.loop().now());
  reactor_.SetDeadline(*this, DeadlineKind::kLinger);
  return Next::kContinue;
}

bool Connection::IsOver() const {
  if (!exchange_->body_stream.leftover().empty()) return false;
  if (!wire_->traits().peer_may_send_more) return true;
  const bool is_slow = watched_ == os::FdWatcher::kWritable;
  return !is_slow && !socket_.HasInput();
}

Connection::Next Connection::Linger() {
  const IoStatus status = lingering_.Discard(socket_);
  if (status == IoStatus::kOk) {
    const bool goes_on = !reactor_.is_draining() && lingering_.HasTimeLeft(reactor_.loop().now());
    if (goes_on) reactor_.SetDeadline(*this, DeadlineKind::kLinger);
  } else if (status != IoStatus::kWouldBlock) {
    Close();
    return Next::kWait;
  }
  Watch(os::FdWatcher::kReadable);
  return Next::kWait;
}

void Connection::CloseIfComplete() {
  if (exchange_->session() != nullptr) return;
  const ResponseStream& response = exchange_->response_stream;
  const bool complete = response.is_drained() && !response.keeps_alive() && !response.is_broken() &&
                        exchange_->body_stream.is_consumed();
  if (complete && !watcher_.is_open() && IsOver()) socket_.Close();
}

void Connection::Expire() {
  const std::string_view why_so_soon =
      reactor_.is_draining() ? "the worker ends" : "see --http-headers-timeout";
  const std::string_view progress_option =
      wire_->traits().has_own_timeout ? "--http-timeout" : "--socket-timeout";
  switch (stage_) {
    case Stage::kProxyHeader:
      LogInfo("closed a connection on {}: the PROXY header took too long, {}", listener_->name,
              why_so_soon);
      break;
    case Stage::kHandshake:
      LogInfo("closed a connection on {}: the TLS handshake took too long, {}", listener_->name,
              why_so_soon);
      break;
    case Stage::kHead:
      Refuse(408, fmt::format("the request's head took too long, {}", why_so_soon));
      Advance();
      return;
    case Stage::kBody:
      Refuse(408, fmt::format("the request's body took too long, see {}", progress_option));
      Advance();
      return;
    case Stage::kDraining:
      LogInfo("a client of {} took nothing of its response for too long, see {}", listener_->name,
              progress_option);
      socket_.ResetOnClose();
      break;
    case Stage::kRunning:
    case Stage::kClosing:
      ExpireWebSocket();
      return;
    case Stage::kLingering:
      if (!lingering_.HasProgress(socket_)) break;
      reactor_.SetDeadline(*this, DeadlineKind::kLinger);
      return;
    default:
      break;
  }
  Close();
}

void Connection::LetGo() {
  switch (stage_) {
    case Stage::kProxyHeader:
    case Stage::kHandshake:
    case Stage::kIdle:
    case Stage::kHead:
    case Stage::kLingering:
      reactor_.SetDeadline(*this, DeadlineKind::kLastChance);
      break;
    case Stage::kRunning:
    case Stage::kClosing:
      AdvanceWebSocket();
      break;
    default:
      break;
  }
}

void Connection::Close() {
  Leave();
  watcher_.Close();
  watched_ = 0;
  socket_.Close();
  if (exchange_ != nullptr) reactor_.GiveExchange(exchange_);
  exchange_ = nullptr;
  awaited_ = WebSocketSession::Awaited::kNothing;
  stage_ = Stage::kClosed;
  reactor_.OnClosed(*this);
}

}  // namespace uwsgi
