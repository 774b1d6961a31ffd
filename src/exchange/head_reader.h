// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exchange/dropped_headers.h"
#include "exchange/options.h"
#include "net/peer_address.h"
#include "protocol/cgi_vars.h"
#include "tls/session.h"
#include "uwsgi/listener.h"
#include "uwsgi/request.h"

namespace uwsgi {

// Reads the head of a request on one wire. It is given bytes, and says how many more it wants.
// Used for one request after the other, by the loop's owner.
class HeadReader {
 public:
  enum class Status { kNeedMore, kDone, kRefused };

  // What the readers of a worker share; all of it outlives them.
  struct Context {
    const RequestOptions& options;
    const std::string& hostname;
    const DroppedHeaders& dropped_headers;
  };

  explicit HeadReader(const Context& context) : context_(context) {}
  virtual ~HeadReader() = default;
  HeadReader(const HeadReader&) = delete;
  HeadReader& operator=(const HeadReader&) = delete;

  // Starts over. All outlive the request. `tls` is null without TLS.
  void Begin(const Listener& listener, const PeerAddress& peer, const tls::Session* tls = nullptr);

  // `bytes` starts where the head starts and holds at least what the last call saw. When
  // done, `request` holds the head; its views point into `bytes` and into this reader. Of a ping
  // it holds the modifiers only.
  virtual Status Read(std::string_view bytes, Request& request) = 0;

  // After kNeedMore: the buffer should hold this many bytes, counted from the head's start.
  std::size_t wanted() const { return wanted_; }

  // After kDone.
  std::size_t head_size() const { return facts_.head_size; }
  int minor_version() const { return facts_.minor_version; }
  bool keep_alive() const { return facts_.keep_alive; }
  bool expects_continue() const { return facts_.expects_continue; }
  // What answers a ping, byte for byte; empty for everything else.
  std::string_view ping_answer() const { return facts_.ping_answer; }

  // After kRefused: the status to answer with, and why.
  int refusal() const { return refusal_; }
  const std::string& reason() const { return reason_; }
  // The wire of the answer to a refused request: that which the peer speaks, as far as can be told.
  Wire answer_wire() const { return answer_wire_; }

 protected:
  struct Facts {
    std::size_t head_size = 0;
    int minor_version = 0;
    bool keep_alive = false;
    bool expects_continue = false;
    std::string_view ping_answer;
  };

  // A browser's head fits; larger ones grow the buffer.
  static constexpr std::size_t kFirstRead = 4096;

  // What the wire's own state needs for a new request.
  virtual void Restart() = 0;

  void Want(std::size_t bytes) { wanted_ = bytes; }
  Status Done(const Facts& facts);
  Status Refuse(int status, std::string reason);
  void AnswerOn(Wire wire) { answer_wire_ = wire; }

  const RequestOptions& options() const { return context_.options; }
  const std::string& hostname() const { return context_.hostname; }
  const DroppedHeaders& dropped_headers() const { return context_.dropped_headers; }
  const Listener& listener() const { return *listener_; }
  const PeerAddress& peer() const { return *peer_; }
  const tls::Session* tls() const { return tls_; }

 private:
  const Context context_;
  const Listener* listener_ = nullptr;
  const PeerAddress* peer_ = nullptr;
  const tls::Session* tls_ = nullptr;
  std::size_t wanted_ = 0;
  Facts facts_;
  int refusal_ = 0;
  std::string reason_;
  Wire answer_wire_ = Wire::kUwsgi;
};

}  // namespace uwsgi
