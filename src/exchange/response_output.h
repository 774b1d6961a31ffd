// SPDX-License-Identifier: MIT

#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "exchange/response_filter.h"
#include "exchange/response_gate.h"
#include "net/peer_socket.h"
#include "net/send_queue.h"
#include "net/spool_file.h"
#include "net/waiter.h"
#include "uwsgi/response.h"

namespace uwsgi {

class HeldResponses;

// The end of the chain: sends what the socket takes and keeps the rest, for which the application
// waits once it is much. Holds small pieces back until more has come.
//
// Used by whoever has entered the gate; SendHeld by anybody.
class ResponseOutput final {
 public:
  struct Context {
    PeerSocket* socket = nullptr;  // All outlive the response.
    const SpoolLimits* spool_limits = nullptr;
    HeldResponses* held = nullptr;
    std::chrono::milliseconds timeout{0};  // For a peer that takes nothing.
  };

  // `waiter` outlives it.
  explicit ResponseOutput(Waiter& waiter) : waiter_(waiter) {}

  void Begin(const Context& context);
  // Forgets what waits, and memory beyond `capacity` bytes.
  void Reset(std::size_t capacity);

  ResponseGate& gate() { return gate_; }
  const ResponseGate& gate() const { return gate_; }

  // What goes out with the next piece may be appended here.
  std::string& tail() { return queue_.tail(); }
  std::size_t bytes_waiting() const { return queue_.bytes_waiting(); }

  // `trailer` follows the piece.
  Passed Send(const BodyPieces& body, std::string_view trailer, Rest rest);
  Passed SendFile(const FilePart& part, std::string_view trailer, Rest rest);

  // Sends what waits, without waiting. kWouldBlock: more is left; kClosed: the peer is gone.
  IoStatus Drain();
  bool is_drained() const { return queue_.empty(); }
  // Forgets what waits.
  void Clear() { queue_.Clear(); }
  // Nothing more is sent, and the client must see that. The first reason counts, and is returned.
  WriteStatus Fail(WriteStatus status);

  WriteStatus status() const { return status_; }
  // What was promised can not be kept.
  bool is_broken() const { return is_broken_; }
  // Some of the body lay in a file.
  bool used_file() const { return used_file_; }

  // From here on every piece is sent at once.
  void HoldNothing() { may_hold_ = false; }
  // Nobody else sends what waits from here on.
  void StopHolding();
  // From another thread, while the response is among those held: sends what waits, as far as the
  // socket takes it now. True if it need not be held any longer, false if its own thread is just
  // writing.
  bool SendHeld();

 private:
  Passed SendGathered(const BodyPieces& body, std::string_view trailer, Rest rest);
  // Sends what waits and then `pieces`.
  Passed Flush(std::span<const std::string_view> pieces, Rest rest);
  // True if what waits may wait for more.
  bool Hold();
  // An application that produces faster than its client takes waits here, once the file for
  // what is unsent is full.
  Passed WaitForRoom();
  Passed FailWith(WriteStatus status);

  Waiter& waiter_;
  Context context_;
  SendQueue queue_;
  ResponseGate gate_;
  WriteStatus status_ = WriteStatus::kOk;
  bool is_broken_ = false;
  bool used_file_ = false;
  bool drains_next_ = false;  // Files wait for what was said to come soon.
  bool may_hold_ = false;
  bool is_held_ = false;  // Whoever passes the gate may look.
};

}  // namespace uwsgi
