// SPDX-License-Identifier: MIT

#pragma once

#include "exchange/framing_filter.h"

namespace uwsgi {

// Responses on a uwsgi socket: the web server passes the head on, and the body ends with the
// connection.
class UwsgiFraming final : public FramingFilter {
 public:
  Passed SendHead(ResponseHead& head, BodyPlan& plan) override;
  Passed SendBody(const BodyPieces& body, Rest rest) override;
  Passed SendFile(const FilePart& part, Rest rest) override;

 private:
  protocol::ResponseFraming CommonFraming() const override;
};

}  // namespace uwsgi
