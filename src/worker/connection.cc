// SPDX-License-Identifier: MIT

#include "worker/connection.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "base/lasting_log.h"
#include "net/proxy_gate.h"
#include "worker/connection_reactor.h"

namespace uwsgi {
namespace {

// A client that pipelines requests which need no thread gets so many answers in a row, then the
// others have their turn.
constexpr int kExchangesPerTurn = 16;

std::string_view WithoutPort(std::string_view host) {
  const std::size_t bracket = host.find(']');  // Of an IPv6 address.
  return host.substr(0, bracket == std::string_view::npos ? host.find(':') : bracket + 1);
}

}  // namespace

void Connection::Open(UniqueFd fd, const Listener& listener, const PeerAddress& peer,
                      std::string_view early) {
  socket_.Open(std::move(fd));
  listener_ = &listener;
  wire_ = &ProtocolOf(listener.wire);
  peer_ = peer;
  kept_ = false;
  // What another worker has read begins after these.
  const bool is_new = early.empty();
  if (is_new && wire_->traits().takes_proxy_header &&
      services_.peer_policy.proxy_protocol != ProxyProtocol::kOff) {
    BeginExchange({});
    stage_ = Stage::kProxyHeader;
  } else if (is_new && listener.tls >= 0) {
    BeginTls();
  } else {
    BeginExchange(early);
  }
}

void Connection::BeginExchange(std::string_view early) {
  if (exchange_ == nullptr) exchange_ = reactor_.TakeExchange();
  exchange_->Begin(*this, socket_);
  exchange_->input.Assign(early);
  exchange_->BeginHead(*wire_, *listener_, peer_);
  refused_ = false;
  stage_ = Stage::kHead;
}

void Connection::Advance() {
  int served = 0;
  for (Next next = Next::kContinue; next == Next::kContinue;) {
    switch (stage_) {
      case Stage::kIdle:
        if (kept_) Leave();  // A new connection's deadline began with it.
        BeginExchange({});
        break;
      case Stage::kProxyHeader:
        next = PassProxyGate();
        break;
      case Stage::kHandshake:
        next = Handshake();
        break;
      case Stage::kHead:
        next = ReadHead();
        break;
      case Stage::kBody:
        next = ReadBody();
        break;
      case Stage::kDraining:
        next = Drain();
        if (stage_ == Stage::kHead && ++served == kExchangesPerTurn) {
          reactor_.Resume(*this);
          return;
        }
        break;
      case Stage::kLingering:
        next = Linger();
        break;
      case Stage::kReady:
      case Stage::kRunning:
      case Stage::kClosing:
      case Stage::kClosed:
        next = Next::kWait;
        break;
    }
  }
}

Connection::Next Connection::ReadHead() {
  ActiveExchange& exchange = *exchange_;
  if (exchange.input.empty()) return ReceiveHead();
  HeadReader& head = exchange.head_reader();
  switch (head.Read(exchange.input.bytes(), exchange.parsed)) {
    case HeadReader::Status::kNeedMore:
      return ReceiveHead();
    case HeadReader::Status::kRefused:
      return Refuse(head.refusal(), head.reason());
    case HeadReader::Status::kDone:
      return HeadComplete();
  }
  return Next::kWait;
}

Connection::Next Connection::PassProxyGate() {
  const ProxyGate gate = ProxyGate::Read(socket_, exchange_->input, services_.peer_policy, peer_);
  switch (gate.step) {
    case ProxyGate::Step::kWait:
      if (!is_waiting()) reactor_.SetDeadline(*this, DeadlineKind::kHead);
      Watch(os::FdWatcher::kReadable);
      return Next::kWait;
    case ProxyGate::Step::kRefused:
      LogWarning("closed a connection on {} from {}: {}", listener_->name,
                 PeerName(peer_, socket_.fd()), gate.refusal);
      [[fallthrough]];
    case ProxyGate::Step::kGone:
      Close();
      return Next::kWait;
    case ProxyGate::Step::kPassed:
      exchange_->input.Clear();
      break;
    case ProxyGate::Step::kAbsent:
      break;
  }
  if (listener_->tls >= 0) {
    reactor_.GiveExchange(std::exchange(exchange_, nullptr));
    BeginTls();
  } else {
    BeginExchange(exchange_->input.bytes());
  }
  return Next::kContinue;
}

void Connection::BeginTls() {
  socket_.StartTls(services_.tls.NewSession(listener_->tls, socket_.fd()));
  stage_ = Stage::kHandshake;
}

Connection::Next Connection::Handshake() {
  switch (socket_.Handshake()) {
    case IoStatus::kOk:
      BeginExchange({});
      return Next::kContinue;
    case IoStatus::kWouldBlock:
      if (!is_waiting()) reactor_.SetDeadline(*this, DeadlineKind::kHead);
      Watch(socket_.tls()->wants_write() ? os::FdWatcher::kWritable : os::FdWatcher::kReadable);
      return Next::kWait;
    default:
      break;
  }
  const tls::Session* const tls = socket_.tls();
  LogInfo("closed a connection on {} from {}: no TLS: {}", listener_->name,
          PeerName(peer_, socket_.fd()), tls != nullptr ? tls->failure() : "out of memory");
  if (tls == nullptr || !tls->is_plain_http()) {
    Close();
    return Next::kWait;
  }
  socket_.StopTls();
  BeginExchange({});
  return Refuse(400, "HTTP without TLS on a TLS socket");
}

Connection::Next Connection::ReceiveHead() {
  ReadBuffer& input = exchange_->input;
  input.Reserve(exchange_->head_reader().wanted());
  const IoOutcome outcome = socket_.Receive(input.space());
  switch (outcome.status) {
    case IoStatus::kOk:
      input.Produced(outcome.bytes);
      return Next::kContinue;
    case IoStatus::kWouldBlock:
      if (input.empty()) {
        BecomeIdle();
      } else if (!is_waiting()) {
        reactor_.SetDeadline(*this, DeadlineKind::kHead);
      }
      Watch(os::FdWatcher::kReadable);
      return Next::kWait;
    default:
      Close();
      return Next::kWait;
  }
}

void Connection::BecomeIdle() {
  reactor_.GiveExchange(exchange_);
  exchange_ = nullptr;
  stage_ = Stage::kIdle;
  if (is_waiting()) return;
  reactor_.SetDeadline(*this, kept_ ? DeadlineKind::kIdle : DeadlineKind::kHead);
}

void Connection::BeginResponse(const WireProtocol& wire) {
  const HeadReader& head = exchange_->head_reader();
  ResponseContext context;
  context.socket = &socket_;
  context.body = &exchange_->body_stream;
  context.wire = &wire;
  context.head_only = exchange_->parsed.is_head();
  context.minor_version = head.minor_version();
  context.may_keep_alive = head.keep_alive() && reactor_.keeps_connections();
  context.timeout = services_.progress_timeout(*wire_);
  context.extra_fields = &services_.extra_fields;
  context.spool_limits = &services_.spool_limits;
  context.held = &services_.held;
  const bool compresses = wire.traits().compresses && services_.compressor.is_enabled();
  if (compresses) context.compressor = &services_.compressor;
  context.app_files = services_.app_files;
  context.request = &exchange_->parsed;
  exchange_->response_stream.Begin(context);
}

Connection::Next Connection::HeadComplete() {
  Leave();
  ActiveExchange& exchange = *exchange_;
  const HeadReader& head = exchange.head_reader();
  Request& request = exchange.parsed;
  request.id = reactor_.NextRequestId();
  request.wire = listener_->wire;
  exchange.input.Consume(head.head_size());
  const std::uint64_t limit = services_.options.limit_post.bytes;
  if (limit > 0 && request.content_length.value_or(0) > limit) {
    return Refuse(413, "Invalid (too big) CONTENT_LENGTH, see --limit-post");
  }
  if (socket_.tls() != nullptr &&
      services_.tls.IsMisdirected(*socket_.tls(), listener_->tls, WithoutPort(request.host))) {
    return Refuse(421, "its Host demands another client certificate than the TLS connection did");
  }
  exchange.body_stream.Begin(socket_, exchange.input, request.content_length,
                             head.expects_continue(), services_.progress_timeout(*wire_));
  BeginResponse(*wire_);
  stage_ = Stage::kBody;
  if (!head.ping_answer().empty()) return AnswerPing(head.ping_answer());
  if (listener_->is_redirect) return SendToHttps();
  if (!services_.static_files.empty() && ServeFile()) return Next::kContinue;
  return reactor_.PassOnIfStuck(exchange) ? Next::kWait : Next::kContinue;
}

Connection::Next Connection::AnswerPing(std::string_view answer) {
  LogInfo("PING");
  exchange_->response_stream.SendRaw(answer);
  stage_ = Stage::kDraining;
  return Next::kContinue;
}

bool Connection::ServeFile() {
  ActiveExchange& exchange = *exchange_;
  const bool compresses = wire_->traits().compresses && services_.compressor.is_enabled();
  CompressedFiles* const compressed = compresses ? &services_.compressed_files : nullptr;
  auto file = services_.static_files.Find(exchange.parsed, services_.static_roots, compressed);
  if (!file) return false;
  reactor_.BeginStatic(exchange);
  exchange.response_stream.SendFileResponse(*std::move(file));
  reactor_.ConcludeStatic(exchange);
  stage_ = Stage::kDraining;
  return true;
}

Connection::Next Connection::SendToHttps() {
  const Request& request = exchange_->parsed;
  const std::string_view host = WithoutPort(request.host);
  const std::string location =
      fmt::format("https://{}{}{}{}", host.empty() ? listener_->host : host,
                  services_.https_port.empty() ? "" : ":", services_.https_port,
                  request.uri.starts_with('/') ? request.uri : "/");
  reactor_.BeginStatic(*exchange_);
  const bool is_safe = request.method == "GET" || request.is_head();
  exchange_->response_stream.SendError(is_safe ? 301 : 308, "Location: " + location + "\r\n");
  reactor_.ConcludeStatic(*exchange_);
  stage_ = Stage::kDraining;
  return Next::kContinue;
}

void Connection::AwaitProgress() {
  reactor_.SetDeadline(*this, wire_->traits().has_own_timeout ? DeadlineKind::kHttpProgress
                                                              : DeadlineKind::kProgress);
}

Connection::Next Connection::ReadBody() {
  BodyStream& body = exchange_->body_stream;
  const bool lends = !body.is_consumed() && reactor_.has_threads_to_lend();
  if (body.is_held_back() && !lends) body.SendContinue();
  switch (body.Prefetch(lends)) {
    case BodyStream::Prefetched::kMore:
      AwaitProgress();
      Watch(os::FdWatcher::kReadable);
      return Next::kWait;
    case BodyStream::Prefetched::kNoRoom:
      return Refuse(503, "its body finds no room on the disk", "Retry-After: 1\r\n");
    case BodyStream::Prefetched::kFailed:
      switch (body.failure()) {
        case ReadStatus::kTooLarge:
          return Refuse(413, "the body is larger than --limit-post");
        case ReadStatus::kMalformed:
          return Refuse(400, "malformed chunk in the body");
        case ReadStatus::kTimeout:
          return Refuse(408, "the request's body came too slowly, see --body-min-rate");
        default:
          break;  // Cut short: the application finds that out when it reads.
      }
      [[fallthrough]];
    case BodyStream::Prefetched::kComplete:
    case BodyStream::Prefetched::kStreaming:
      Leave();
      stage_ = Stage::kReady;
      reactor_.AddReady(*exchange_);
      return Next::kWait;
  }
  return Next::kWait;
}

void Connection::Start(ActiveExchange& exchange, int core) {
  stage_ = Stage::kRunning;
  reactor_.BeginRequest(exchange, core);
}

std::int64_t Connection::Conclude(ActiveExchange& exchange) {
  return reactor_.EndRequest(exchange);
}

void Connection::Return(ActiveExchange& exchange) {
  CloseIfComplete();
  reactor_.TakeBack(exchange);
}

void Connection::Finish(ActiveExchange& exchange) {
  if (exchange.session() != nullptr) {
    stage_ = Stage::kClosing;
    AdvanceWebSocket();
    return;
  }
  stage_ = Stage::kDraining;
  Advance();
}

Connection::Next Connection::Refuse(int status, std::string_view reason,
                                    std::string_view more_fields) {
  Leave();
  LogInfo("refused a request on {} from {}: {} ({})", listener_->name,
          PeerName(peer_, socket_.fd()), reason, status);
  refused_ = true;
  BeginResponse(ProtocolOf(exchange_->head_reader().answer_wire()));
  exchange_->response_stream.SendError(status, more_fields);
  stage_ = Stage::kDraining;
  return Next::kContinue;
}

Connection::Next Connection::Drain() {
  if (!socket_.is_open()) {  // CloseIfComplete was here.
    Close();
    return Next::kWait;
  }
  ResponseStream& response = exchange_->response_stream;
  if (response.is_drained()) return EndExchange();
  switch (response.Drain()) {
    case IoStatus::kOk:
      return EndExchange();
    case IoStatus::kWouldBlock:
      AwaitProgress();
      Watch(os::FdWatcher::kWritable);
      return Next::kWait;
    default:
      if (response.is_broken()) socket_.ResetOnClose();
      Close();
      return Next::kWait;
  }
}

bool Connection::PassOn(ActiveExchange& exchange, ConnectionHandoff& handoff) {
  if (socket_.tls() != nullptr) return false;
  std::string bytes(exchange.input.begin_of_all(), exchange.head_reader().head_size());
  if (!exchange.body_stream.AppendRaw(bytes)) return false;
  if (!handoff.Send(socket_.fd(), *listener_, peer_, bytes)) return false;
  Close();
  return true;
}

void Connection::Watch(int events) {
  if (watched_ == events) return;
  if (!watcher_.Start(reactor_.loop(), socket_.fd(), events, &Connection::OnEvent, this)) {
    LogLasting(LogLevel::kError,
               "cannot watch a client's socket of {}: see the limit fs.epoll.max_user_watches",
               listener_->name);
    Close();
    return;
  }
  watched_ = events;
}

void Connection::OnEvent(void* self, int) {
  auto& connection = *static_cast<Connection*>(self);
  if (connection.websocket() != nullptr) {
    connection.AdvanceWebSocket();
    return;
  }
  if (connection.stage_ == Stage::kReady || connection.stage_ == Stage::kRunning) {
    // More input while a request runs: it waits, and must not wake the loop again and again.
    connection.watcher_.Stop();
    connection.watched_ = 0;
    return;
  }
  connection.Advance();
}

}  // namespace uwsgi
