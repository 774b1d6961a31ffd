// SPDX-License-Identifier: MIT

#include "exchange/active_exchange.h"

#include <algorithm>

#include "base/log.h"
#include "websocket/options.h"

namespace uwsgi {
namespace {

// What a pooled exchange may keep of each of its buffers.
constexpr std::size_t kUsualSize = 64 * 1024;

}  // namespace

void ActiveExchange::Begin(ExchangeCarrier& carrier, PeerSocket& socket) {
  carrier_ = &carrier;
  socket_ = &socket;
  std::vector<Var> vars = std::move(parsed.vars);  // Keeps its memory.
  vars.clear();
  parsed = Request();
  parsed.vars = std::move(vars);
  log_vars.clear();
  started_ns = 0;
  app_id.store(-1, std::memory_order_relaxed);
  exceptions = 0;
  force_log.store(false, std::memory_order_relaxed);
  is_counted = false;
}

void ActiveExchange::BeginHead(const WireProtocol& wire, const Listener& listener,
                               const PeerAddress& peer) {
  auto& reader = head_readers_[static_cast<std::size_t>(wire.traits().wire)];
  if (reader == nullptr) reader = wire.MakeHeadReader(heads_);
  head_reader_ = reader.get();
  reader->Begin(listener, peer, socket_->tls());
}

void ActiveExchange::Reset() {
  session_.store(nullptr, std::memory_order_relaxed);
  owned_session_.reset();
  input.Shrink(kUsualSize);
  body_stream.Reset(kUsualSize);
  response_stream.Reset(kUsualSize);
}

bool ActiveExchange::UpgradeToWebSocket(std::string_view key, std::string_view protocol) {
  if (session() != nullptr || response_stream.head_sent()) return false;
  const WebSocketOptions& options = carrier_->websocket_options();
  const auto answer = websocket::AnswerHandshake(parsed, {key, protocol}, options.deflate);
  std::string who(parsed.uri);
  if (!parsed.remote_addr.empty()) who.append(" from ").append(parsed.remote_addr);
  if (answer.code != 101 || !body_stream.is_consumed()) {
    LogInfo("{} asks for no websocket: {}", who,
            answer.code != 101 ? answer.refusal : "it has a body");
    response_stream.SetAbortAnswer(answer.code != 101 ? answer.code : 400, answer.fields);
    return false;
  }
  const auto head = response_stream.SwitchProtocols(answer.fields);
  if (!head) return false;
  owned_session_ = std::make_unique<WebSocketSession>(
      waiter_, *socket_,
      WebSocketSession::Settings{options.max_size.bytes, answer.deflate, std::move(who)},
      [this] { carrier_->Attend(*this); });
  session_.store(owned_session_.get(), std::memory_order_release);
  owned_session_->Begin(*head, body_stream.leftover());
  return true;
}

void ActiveExchange::EndWebSocket() {
  WebSocketSession* const own = session();
  if (own == nullptr) return;
  own->End(exceptions > 0 ? websocket::kInternalError : websocket::kNormal);
  response_stream.CountSwitched(own->bytes_sent(), own->messages_sent());
}

int ActiveExchange::connection_fd() {
  if (WebSocketSession* const own = session()) return own->ready_fd();
  response_stream.HoldNothing();
  return socket_->fd();
}

bool ActiveExchange::IsConnected() const {
  const WebSocketSession* const own = session();
  return (own == nullptr || own->is_open()) && socket_->IsConnected();
}

void ActiveExchange::Disconnect() {
  if (WebSocketSession* const own = session()) {
    own->Close(websocket::kNormal);
  } else {
    response_stream.Disconnect();
  }
}

void ActiveExchange::SetAppId(int id) {
  app_id.store(id, std::memory_order_relaxed);
  // As uWSGI, which counts a worker's requests when they end, and those of an application when
  // it is called.
  if (id >= 0) counters->app(id).requests.fetch_add(1, std::memory_order_relaxed);
}

void ActiveExchange::SetLogVar(std::string_view name, std::string_view value) {
  const auto found = std::find_if(log_vars.begin(), log_vars.end(),
                                  [name](const auto& entry) { return entry.first == name; });
  if (found != log_vars.end()) {
    found->second = value;
  } else {
    log_vars.emplace_back(name, value);
  }
}

std::string_view ActiveExchange::LogVar(std::string_view name) const {
  for (const auto& [key, value] : log_vars) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace uwsgi
