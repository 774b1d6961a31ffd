// SPDX-License-Identifier: MIT

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dispatch/work_source.h"
#include "exchange/body_stream.h"
#include "exchange/exchange_carrier.h"
#include "exchange/head_reader.h"
#include "exchange/response_stream.h"
#include "exchange/websocket_session.h"
#include "exchange/wire_protocol.h"
#include "ipc/scoreboard.h"
#include "net/peer_socket.h"
#include "net/read_buffer.h"
#include "net/waiter.h"
#include "uwsgi/gateway.h"

namespace uwsgi {

// A request in progress: its bytes, its parsed head, its body and its response. Reuse is what makes
// the steady state free of allocation.
//
// Its life is its carrier's business, and not that of the call that runs it: the carrier takes it
// out of the pool for the first byte of a request and gives it back behind the last of the
// response, which may be long after Gateway::Handle has returned. A carrier may have several at a
// time: an exchange knows of no other. Between Start and Finish it is used by the thread that runs
// it, but for what any thread may call; before and after, by the loop's owner.
class ActiveExchange final : public Exchange, public ReadyRequest {
 public:
  ActiveExchange(Waiter& waiter, const HeadReader::Context& heads, const BodyLimits& limits)
      : body_stream(waiter, limits), response_stream(waiter), waiter_(waiter), heads_(heads) {}

  // Starts over for `carrier`, whose client is at `socket`. Both outlive the request.
  void Begin(ExchangeCarrier& carrier, PeerSocket& socket);
  // The request's head comes on this wire.
  void BeginHead(const WireProtocol& wire, const Listener& listener, const PeerAddress& peer);
  // Lets go of what the request held: files, and memory beyond the usual.
  void Reset();

  const Request& request() const override { return parsed; }
  RequestBody& body() override { return body_stream; }
  ResponseWriter& response() override { return response_stream; }
  void SetLogVar(std::string_view name, std::string_view value) override;
  std::string_view LogVar(std::string_view name) const override;
  void SetAppId(int id) override;
  void ForceLog() override { force_log.store(true, std::memory_order_relaxed); }
  void CountException() override { ++exceptions; }
  bool UpgradeToWebSocket(std::string_view key, std::string_view protocol) override;
  WebSocket* websocket() override { return session(); }
  int connection_fd() override;
  bool IsConnected() const override;
  void Disconnect() override;

  Exchange& exchange() override { return *this; }
  void Start(int core) override { carrier_->Start(*this, core); }
  std::int64_t Conclude() override { return carrier_->Conclude(*this); }
  void Finish() override { carrier_->Finish(*this); }
  void Return() override { carrier_->Return(*this); }

  ExchangeCarrier& carrier() { return *carrier_; }
  // The websocket that the request has become, or null. Any thread, while the exchange is the
  // carrier's.
  WebSocketSession* session() const { return session_.load(std::memory_order_acquire); }
  // The request's thread: the application is done with it.
  void EndWebSocket();
  // The wire's.
  HeadReader& head_reader() { return *head_reader_; }

  ReadBuffer input;  // Everything that was read; `parsed` points into it.
  Request parsed;
  BodyStream body_stream;
  ResponseStream response_stream;

  // For the log and the counters.
  std::vector<std::pair<std::string, std::string>> log_vars;
  std::int64_t started_ns = 0;         // CLOCK_MONOTONIC, when the application was called.
  WorkerCounters* counters = nullptr;  // The worker's, when a request thread has this.
  std::atomic<int> app_id = -1;
  int exceptions = 0;
  std::atomic<bool> force_log = false;
  bool is_counted = false;  // Ended by harakiri. Written and read as Harakiri's lock allows.

 private:
  Waiter& waiter_;  // Outlives the exchange.
  const HeadReader::Context heads_;
  // By wire, each made for the first request that comes on it.
  std::array<std::unique_ptr<HeadReader>, kWireCount> head_readers_;
  HeadReader* head_reader_ = nullptr;  // Of these.
  ExchangeCarrier* carrier_ = nullptr;
  PeerSocket* socket_ = nullptr;
  std::unique_ptr<WebSocketSession> owned_session_;
  std::atomic<WebSocketSession*> session_ = nullptr;
};

}  // namespace uwsgi
