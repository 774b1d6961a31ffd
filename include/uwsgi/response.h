// SPDX-License-Identifier: MIT
//
// The response, as a gateway writes it. Framing (lengths, chunks, Connection, Date)
// is the server's: a gateway hands over a checked head and pieces of body.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace uwsgi {

// A checked status and header block. Made by protocol::ResponseHeadBuilder, which is
// where control characters and bad names are refused.
struct ResponseHead {
  std::string_view status;  // "200 OK": three digits, a space, a reason.
  int code = 0;             // 200
  // "Name: value\r\n" lines, in the application's order, without the framing headers
  // (Content-Length, Transfer-Encoding, Connection and other hop-by-hop ones).
  std::string_view fields;
  int field_count = 0;  // As the application gave them, framing headers included.
  std::optional<std::uint64_t> content_length;  // The application's promise.
  // The application gave two lengths, or a length and a transfer coding: the server frames as
  // if it had given none, and logs it.
  bool has_conflicting_framing = false;
  bool has_date = false;
  bool has_server = false;
  bool wants_close = false;  // The application sent `Connection: close`.
};

enum class WriteStatus {
  kOk,
  kClosed,   // The peer is gone.
  kTimeout,  // The peer took nothing for socket-timeout.
  kAborted,  // The request was ended from outside: harakiri, disconnect().
};

// Takes one response. Used by the thread that runs the application, with the execution
// right held; it is let go while the peer makes us wait.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;

  // Remembers the head; it goes out with the first piece of body, in one system call.
  // May be called again while `head_sent()` is false. The head's views must stay valid until it
  // was sent or the gateway is done with the exchange.
  virtual void SetHead(const ResponseHead& head) = 0;

  // Sends pieces of body. With `last` nothing follows: what the socket does not take
  // at once is copied and drained by the event loop, and the call never waits. Otherwise it
  // waits once more than a bounded amount is unsent. Body bytes that the response may not have
  // (HEAD, 204, 304, beyond Content-Length) are dropped. Empty pieces send the head.
  virtual WriteStatus Write(std::span<const std::string_view> pieces, bool last) = 0;

  // Sends `count` bytes of the regular file `fd` from `offset`, by sendfile where the
  // connection allows. `fd` stays the caller's.
  virtual WriteStatus WriteFile(int fd, std::uint64_t offset, std::uint64_t count) = 0;

  virtual bool head_sent() const = 0;
  // Body bytes accepted so far.
  virtual std::uint64_t body_bytes() const = 0;

  // The response can not be completed: the connection will be cut without its regular end, so
  // that the client can tell. A response that has not begun becomes a 500.
  virtual void Abort() = 0;
};

}  // namespace uwsgi
