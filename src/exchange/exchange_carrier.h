// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

namespace uwsgi {

class ActiveExchange;
class ConnectionHandoff;
struct WebSocketOptions;

// What an exchange needs of whoever carries it between a client and the request threads: a
// connection with one at a time, or one stream of several on a connection. The steps of a
// ReadyRequest are the carrier's to take.
class ExchangeCarrier {
 public:
  // The loop's owner: `core` takes the exchange, whose request is complete.
  virtual void Start(ActiveExchange& exchange, int core) = 0;
  // The loop's owner, instead of Start: moves the exchange to whichever worker is free first. False
  // if it can not move. Otherwise its carrier has given it back to the pool.
  virtual bool PassOn(ActiveExchange& exchange, ConnectionHandoff& handoff) = 0;

  // The core's thread: the application is done, and the response is complete as far as that goes.
  // Returns the microseconds since Start.
  virtual std::int64_t Conclude(ActiveExchange& exchange) = 0;
  // The loop's owner, after that: the carrier sends what is left and gives the exchange back, now
  // or later.
  virtual void Finish(ActiveExchange& exchange) = 0;
  // The core's thread: leaves Finish to the loop's owner, but for what needs no loop.
  virtual void Return(ActiveExchange& exchange) = 0;

  // Any thread: the exchange's websocket wants the loop's owner to advance it soon.
  virtual void Attend(ActiveExchange& exchange) = 0;
  virtual const WebSocketOptions& websocket_options() const = 0;

 protected:
  ~ExchangeCarrier() = default;
};

}  // namespace uwsgi
