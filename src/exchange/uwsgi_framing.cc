// SPDX-License-Identifier: MIT

#include "exchange/uwsgi_framing.h"

namespace uwsgi {

protocol::ResponseFraming UwsgiFraming::CommonFraming() const {
  protocol::ResponseFraming framing;
  framing.wire = Wire::kUwsgi;
  framing.extra_fields = context().extra_fields;
  return framing;
}

Passed UwsgiFraming::SendHead(ResponseHead& head, BodyPlan& plan) {
  if (head.code == 204) plan.length.reset();
  if (head.code == 205 && plan.length) plan.length = 0;
  protocol::ResponseFraming framing = CommonFraming();
  framing.content_length = plan.length;
  AppendHead(head, framing, false);
  return Passed::kOn;
}

Passed UwsgiFraming::SendBody(const BodyPieces& body, Rest rest) {
  return output().Send(body, {}, rest);
}

Passed UwsgiFraming::SendFile(const FilePart& part, Rest rest) {
  return output().SendFile(part, {}, rest);
}

}  // namespace uwsgi
