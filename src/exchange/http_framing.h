// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>

#include "exchange/framing_filter.h"

namespace uwsgi {

// Responses of HTTP/1: a body ends by its length where that is known, by chunks where the client
// understands them, and otherwise with the connection.
class HttpFraming final : public FramingFilter {
 public:
  Passed SendHead(ResponseHead& head, BodyPlan& plan) override;
  Passed SendBody(const BodyPieces& body, Rest rest) override;
  Passed SendFile(const FilePart& part, Rest rest) override;

 private:
  protocol::ResponseFraming CommonFraming() const override;
  void BeginChunk(std::uint64_t size);

  bool is_chunked_ = false;
};

}  // namespace uwsgi
