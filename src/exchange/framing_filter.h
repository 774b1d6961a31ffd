// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "exchange/body_stream.h"
#include "exchange/response_filter.h"
#include "exchange/response_output.h"
#include "protocol/response_head.h"

namespace uwsgi {

// Makes bytes of a response as its wire wants them: the head, and what shows where the body ends.
// The last filter; a wire has its own.
class FramingFilter : public ResponseFilter {
 public:
  struct Context {
    BodyStream* body = nullptr;  // The request's.
    bool head_only = false;
    int minor_version = 0;        // HTTP/1.1 clients understand chunks.
    bool may_keep_alive = false;  // The client wants it, and so does the server.
    const protocol::ExtraFields* extra_fields = nullptr;
  };

  // Starts over. `output` outlives the response, and so does what `context` points to.
  void Attach(const Context& context, ResponseOutput& output);

  // Puts a whole response of the server's own in the place of all that was sent so far, and sends
  // it. `more_fields` are whole header lines. Returns the size of its body.
  std::uint64_t SendError(int code, std::string_view more_fields);

  // The head of a response after which the connection speaks another protocol, which the caller
  // sends. `fields` are whole header lines.
  std::string SwitchProtocols(std::string_view fields);

  bool head_sent() const { return head_bytes_ > 0; }
  std::size_t head_bytes() const { return head_bytes_; }
  // The response ends where the client can tell, and another may follow.
  bool keeps_alive() const { return keeps_alive_; }

 protected:
  const Context& context() const { return context_; }
  ResponseOutput& output() { return *output_; }
  // Appends the head to the output. Once.
  void AppendHead(const ResponseHead& head, const protocol::ResponseFraming& framing,
                  bool keeps_alive);
  // What every response on this connection has in common.
  virtual protocol::ResponseFraming CommonFraming() const = 0;

 private:
  Context context_;
  ResponseOutput* output_ = nullptr;
  std::size_t head_bytes_ = 0;
  bool keeps_alive_ = false;
};

}  // namespace uwsgi
