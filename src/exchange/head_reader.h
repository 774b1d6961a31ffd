// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exchange/dropped_headers.h"
#include "net/peer_address.h"
#include "protocol/http_request.h"
#include "tls/session.h"
#include "uwsgi/listener.h"
#include "uwsgi/options.h"
#include "uwsgi/request.h"

namespace uwsgi {

// Reads the head of a request on either wire: the uwsgi packet's vars or the HTTP head.
// It is given bytes, and says how many more it wants.
class HeadReader {
 public:
  enum class Status { kNeedMore, kDone, kRefused };

  // All outlive the reader.
  HeadReader(const WorkerOptions& options, const std::string& hostname,
             const DroppedHeaders& dropped_headers)
      : options_(options), hostname_(hostname), dropped_headers_(dropped_headers) {}

  // All outlive the request. `tls` is null without TLS.
  void Begin(const Listener& listener, const PeerAddress& peer, const tls::Session* tls = nullptr);

  // `bytes` starts where the head starts and holds at least what the last call saw. When
  // done, `request` holds the head; its views point into `bytes` and into this reader. Of a ping
  // it holds the modifiers only.
  Status Read(std::string_view bytes, Request& request);

  // After kNeedMore: the buffer should hold this many bytes, counted from the head's start.
  std::size_t wanted() const { return wanted_; }

  // After kDone.
  std::size_t head_size() const { return head_size_; }
  int minor_version() const { return listener_->wire == Wire::kHttp ? http_.minor_version() : 0; }
  bool keep_alive() const { return listener_->wire == Wire::kHttp && http_.keep_alive(); }
  bool expects_continue() const {
    return listener_->wire == Wire::kHttp && http_.expect_continue();
  }

  // After kRefused: the status to answer with, and why.
  int refusal() const { return refusal_; }
  const std::string& reason() const { return reason_; }
  // The answer to a refused request is HTTP even on a uwsgi socket where the peer speaks it.
  Wire answer_wire() const { return answer_wire_; }

 private:
  Status ReadPacket(std::string_view bytes, Request& request);
  Status ReadHttp(std::string_view bytes, Request& request);
  // What came is no packet for an application: as soon as its header tells.
  Status RefuseForeign(std::string_view bytes, int modifier1);
  Status Refuse(int status, std::string reason);
  protocol::CgiDefaults Defaults() const;

  const WorkerOptions& options_;
  const std::string& hostname_;
  const DroppedHeaders& dropped_headers_;
  const Listener* listener_ = nullptr;
  const PeerAddress* peer_ = nullptr;
  const tls::Session* tls_ = nullptr;
  protocol::HttpHeadParser http_;
  std::size_t wanted_ = 0;
  std::size_t head_size_ = 0;
  int refusal_ = 0;
  std::string reason_;
  Wire answer_wire_ = Wire::kUwsgi;
};

}  // namespace uwsgi
