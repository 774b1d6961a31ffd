// SPDX-License-Identifier: MIT

#pragma once

namespace uwsgi {

class ActiveExchange;
class ConnectionHandoff;

// What an exchange needs of whoever carries it between a client and the request threads: a
// connection with one at a time, or one stream of several on a connection.
class ExchangeCarrier {
 public:
  // The loop's owner: a request thread takes the exchange, whose request is complete.
  virtual void Start(ActiveExchange& exchange) = 0;
  // The loop's owner, instead of Start: moves the exchange to whichever worker is free first. False
  // if it can not move. Otherwise its carrier has given it back to the pool.
  virtual bool PassOn(ActiveExchange& exchange, ConnectionHandoff& handoff) = 0;

  // The loop's owner, once for each Start: the application is done, and the response is complete as
  // far as that goes. The carrier sends what is left and gives the exchange back, now or later.
  virtual void Finish(ActiveExchange& exchange) = 0;
  // The exchange's thread, before a Finish that has to wait for the loop's owner: closes the socket
  // if that is all that is left to do, so that the client need not wait, too.
  virtual void CloseIfComplete(ActiveExchange& exchange) = 0;

 protected:
  ~ExchangeCarrier() = default;
};

}  // namespace uwsgi
