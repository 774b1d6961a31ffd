// SPDX-License-Identifier: MIT
//
// The loop's part of a connection's websocket.

#include "base/lasting_log.h"
#include "worker/connection.h"
#include "worker/connection_reactor.h"

namespace uwsgi {
namespace {

DeadlineKind KindOf(WebSocketSession::Awaited awaited) {
  switch (awaited) {
    case WebSocketSession::Awaited::kPing:
      return DeadlineKind::kPing;
    case WebSocketSession::Awaited::kPong:
      return DeadlineKind::kPong;
    case WebSocketSession::Awaited::kProgress:
      return DeadlineKind::kProgress;
    default:
      return DeadlineKind::kClosing;
  }
}

}  // namespace

WebSocketSession* Connection::websocket() const {
  const bool may_have_one = stage_ == Stage::kRunning || stage_ == Stage::kClosing;
  return may_have_one ? exchange_->session() : nullptr;
}

void Connection::Attend(ActiveExchange&) { reactor_.Attend(*this); }

const WebSocketOptions& Connection::websocket_options() const { return services_.websockets; }

void Connection::AdvanceWebSocket() {
  WebSocketSession* const session = websocket();
  if (session == nullptr) return;  // It has ended since somebody asked for this.
  if (reactor_.is_draining()) session->Close(websocket::kGoingAway);
  const WebSocketSession::Turn turn = session->Advance();
  if (turn.is_over && stage_ == Stage::kClosing) {
    EndWebSocket(turn.is_lost);
    return;
  }
  if (turn.awaited == WebSocketSession::Awaited::kNothing) {
    Leave();
  } else if (turn.awaited != awaited_ || turn.is_renewed || !is_waiting()) {
    const DeadlineKind kind = KindOf(turn.awaited);
    if (kind == DeadlineKind::kProgress) {
      AwaitProgress();
    } else {
      reactor_.SetDeadline(*this, kind);
    }
  }
  awaited_ = turn.awaited;
  WatchWebSocket((turn.reads ? os::FdWatcher::kReadable : 0) |
                 (turn.writes ? os::FdWatcher::kWritable : 0));
  if (turn.is_unread) reactor_.Attend(*this);
}

void Connection::SayGoodbye() {
  if (WebSocketSession* const session = websocket()) session->Close(websocket::kGoingAway);
}

void Connection::WatchWebSocket(int events) {
  if (events == watched_) return;
  if (events == 0) {
    watcher_.Stop();
  } else if (!watcher_.Start(reactor_.loop(), socket_.fd(), events, &Connection::OnEvent, this)) {
    LogLasting(LogLevel::kError,
               "cannot watch a client's websocket of {}: see the limit fs.epoll.max_user_watches",
               listener_->name);
    exchange_->session()->Cut();
    events = 0;
  }
  watched_ = events;
}

void Connection::ExpireWebSocket() {
  WebSocketSession* const session = websocket();
  if (session == nullptr) return;
  session->Expire(awaited_);
  AdvanceWebSocket();
}

void Connection::EndWebSocket(bool is_lost) {
  Leave();
  if (is_lost || !socket_.HasInput()) {
    Close();
    return;
  }
  stage_ = Stage::kLingering;
  lingering_.Begin(reactor_.loop().now());
  reactor_.SetDeadline(*this, DeadlineKind::kLinger);
  Advance();
}

}  // namespace uwsgi
