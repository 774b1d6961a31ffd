// SPDX-License-Identifier: MIT

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/peer_socket.h"
#include "net/send_queue.h"
#include "net/spool_file.h"
#include "net/waiter.h"
#include "uwsgi/websocket.h"
#include "websocket/close_code.h"
#include "websocket/frame.h"
#include "websocket/handshake.h"
#include "websocket/message_reader.h"

namespace uwsgi {

// One websocket of a client: between the loop, which reads the socket, answers pings and sends what
// the socket did not take at once, and the request's thread, which receives and sends messages. Its
// mutex keeps both apart; nobody waits for the execution right, or for the client, while holding
// it.
class WebSocketSession final : public WebSocket {
 public:
  struct Settings {
    std::size_t max_size = 0;  // Bytes of a message.
    std::optional<websocket::Deflate> deflate;
    std::string name;  // For the log: which request of whom.
  };
  // `attend` has the loop call Advance soon; any thread calls it. The waiter, the socket and what
  // `attend` refers to outlive the session.
  WebSocketSession(Waiter& waiter, PeerSocket& socket, const Settings& settings,
                   std::function<void()> attend);

  // The request's thread, once: sends the response's head, and takes what has come behind the
  // request's.
  void Begin(std::string_view head, std::string_view early);
  Received Receive(bool wait, std::string& message) override;
  bool Send(bool is_text, std::string_view message) override;
  // Readable while Receive would not wait; the session's. -1 if there are no descriptors.
  int ready_fd();
  // The application is done with it.
  void End(std::uint16_t code);

  // Any thread. Begins the closing handshake, once.
  void Close(std::uint16_t code);
  // Any thread. Resets the connection.
  void Cut();
  // Any thread. Neither side has begun to close it.
  bool is_open() const;
  // Any thread. Since when the application has neither waited for its client nor called anything
  // here, by CLOCK_MONOTONIC; `now` while it waits.
  std::int64_t BusySinceNs(std::int64_t now) const;
  std::uint64_t bytes_sent() const;
  int messages_sent() const;

  // What the loop waits for.
  enum class Awaited { kNothing, kPing, kPong, kProgress, kClosing };
  struct Turn {
    bool reads = false;
    bool writes = false;
    Awaited awaited = Awaited::kNothing;
    bool is_renewed = false;  // Its time begins anew.
    bool is_unread = false;   // There is more to read, of which the kernel will not tell.
    bool is_over = false;     // Nothing is left to do but to close the socket.
    bool is_lost = false;     // And nobody is there to take anything.
  };
  // The loop's owner: does what can be done without waiting.
  Turn Advance();
  // The loop's owner: its time has passed. Advance follows.
  void Expire(Awaited awaited);

 private:
  bool reads() const;
  bool is_ended() const;
  bool ReadSocket(bool& is_unread);
  void Feed(std::string_view input);
  bool SendQueued();
  void SendFrame(websocket::Opcode opcode, std::string_view payload, bool is_compressed = false);
  void SendPong();
  void SendClose(std::uint16_t code);
  void Lose();
  void NoteChange();
  template <typename Done>
  void WaitAside(std::unique_lock<std::mutex>& lock, Done done);

  Waiter& waiter_;
  PeerSocket& socket_;
  const Settings settings_;
  const std::function<void()> attend_;

  mutable std::mutex mutex_;  // Guards what follows, and the use of the socket.
  std::condition_variable changed_;
  websocket::MessageReader reader_;
  std::deque<std::string> inbox_;
  std::size_t inbox_bytes_ = 0;
  const SpoolLimits no_spool_{};  // The application waits when much is unsent.
  SendQueue queue_;
  std::optional<std::string> pong_;  // Waits for room in the queue.
  UniqueFd ready_fd_;
  bool is_ready_ = false;  // What ready_fd_ says.
  bool is_ping_sent_ = false;
  bool is_close_sent_ = false;
  bool is_close_received_ = false;
  bool is_failed_ = false;  // The client broke the protocol.
  bool is_lost_ = false;
  bool is_shut_ = false;       // The client sees the end.
  bool has_given_up_ = false;  // On the client's answer to our close frame.
  bool is_app_done_ = false;
  std::uint64_t bytes_sent_ = 0;
  int messages_sent_ = 0;

  std::atomic<std::int64_t> active_ns_{0};  // 0: waits.
};

}  // namespace uwsgi
