// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string_view>

#include "base/unique_fd.h"
#include "exchange/active_exchange.h"
#include "exchange/exchange_carrier.h"
#include "exchange/wire_protocol.h"
#include "net/connection_handoff.h"
#include "net/deadline_queue.h"
#include "net/lingering.h"
#include "net/peer_address.h"
#include "net/peer_socket.h"
#include "os/event_loop.h"
#include "uwsgi/listener.h"
#include "worker/connection_services.h"

namespace uwsgi {

class ConnectionReactor;

// An accepted socket and where it stands. Belongs to the loop: its owner calls every
// method, except while the stage is kRunning, when a request thread has the exchange.
//
//   kProxyHeader -> kHandshake -> kHead: once, where the socket is configured so
//   kIdle -> kHead -> kBody -> kReady -> kRunning -> kDraining -> kIdle | kLingering | closed
//
// A short request goes from accept to kReady without touching the event loop: a watcher is
// made only when the socket has nothing to read (or takes nothing) yet.
class Connection final : public DeadlineLink, public ExchangeCarrier {
 public:
  enum class Stage {
    kClosed,
    kProxyHeader,  // Looks for what proxy-protocol accepts or demands.
    kHandshake,    // Waits for the handshake of TLS.
    kIdle,         // Kept alive, between two requests; holds no exchange.
    kHead,         // Reads a request's head,
    kBody,         // reads its body.
    kReady,        // Complete: waits for a request thread.
    kRunning,      // A request thread has it.
    kClosing,      // The application is done with its websocket, which is about to close.
    kDraining,     // The response is complete and waits for the socket.
    kLingering,    // Answered; reads on for a while, so that the client gets the answer.
  };

  // Both outlive their connections.
  Connection(ConnectionReactor& reactor, ConnectionServices& services)
      : reactor_(reactor), services_(services) {}

  // Takes the socket. `early` are bytes that somebody else has read from it.
  void Open(UniqueFd fd, const Listener& listener, const PeerAddress& peer, std::string_view early);
  // Goes on from the present stage as far as possible without waiting.
  void Advance();
  // The deadline that was set last has passed.
  void Expire();
  // The worker stops: lets a client go soon that has not sent a whole head, or has its answer.
  void LetGo();
  // Does what the websocket of the request needs of the loop, if it has become one.
  void AdvanceWebSocket();
  // The process ends at once: a client with a websocket gets to know it, if its socket takes that.
  void SayGoodbye();
  // Without further ado. The connection may be opened again.
  void Close();

  // kReady to kRunning, and back to the loop after the application is done. The exchange is that
  // which the connection has.
  void Start(ActiveExchange& exchange, int core) override;
  std::int64_t Conclude(ActiveExchange& exchange) override;
  void Finish(ActiveExchange& exchange) override;
  void Return(ActiveExchange& exchange) override;
  // Before kRunning, for a request whose head is complete. If it has moved, the connection is
  // closed here.
  bool PassOn(ActiveExchange& exchange, ConnectionHandoff& handoff) override;

  void Attend(ActiveExchange& exchange) override;
  const WebSocketOptions& websocket_options() const override;

  Stage stage() const { return stage_; }

 private:
  // What a step of Advance leads to.
  enum class Next { kContinue, kWait };

  void BeginExchange(std::string_view early);
  Next PassProxyGate();
  Next Handshake();
  void BeginTls();
  Next ReadHead();
  Next ReceiveHead();
  Next HeadComplete();
  Next ReadBody();
  Next AnswerPing(std::string_view answer);
  // False if it is not a file that was asked for.
  bool ServeFile();
  Next SendToHttps();
  Next Drain();
  Next EndExchange();
  // From the request's thread, when the loop is elsewhere: closes the socket if that is all that is
  // left to do, so that the client need not wait for the loop.
  void CloseIfComplete();
  // Closing now takes nothing from the client: it has the response, and has sent no more than the
  // request, as far as can be told.
  bool IsOver() const;
  Next Linger();
  // Answers with an error of the server's own, and logs why. `more_fields` are whole header lines.
  Next Refuse(int status, std::string_view reason, std::string_view more_fields = {});
  void BeginResponse(const WireProtocol& wire);
  // Sets the deadline for the client's next step.
  void AwaitProgress();
  void BecomeIdle();
  void Watch(int events);
  // The request's, or null.
  WebSocketSession* websocket() const;
  void WatchWebSocket(int events);
  void ExpireWebSocket();
  void EndWebSocket(bool is_lost);
  static void OnEvent(void* self, int events);

  ConnectionReactor& reactor_;
  ConnectionServices& services_;
  Stage stage_ = Stage::kClosed;
  bool refused_ = false;  // Nothing after this request can be trusted.
  bool kept_ = false;     // It has served a request.
  int watched_ = 0;       // The watcher's events.
  WebSocketSession::Awaited awaited_ = WebSocketSession::Awaited::kNothing;
  PeerSocket socket_;
  const Listener* listener_ = nullptr;
  const WireProtocol* wire_ = nullptr;  // The listener's.
  ActiveExchange* exchange_ = nullptr;  // The pool's, while a request is in progress.
  PeerAddress peer_;
  Lingering lingering_;
  os::FdWatcher watcher_;
};

}  // namespace uwsgi
