// SPDX-License-Identifier: MIT

#include "exchange/active_exchange.h"

#include <algorithm>

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
  input.Shrink(kUsualSize);
  body_stream.Reset(kUsualSize);
  response_stream.Reset(kUsualSize);
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
