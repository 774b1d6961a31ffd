// SPDX-License-Identifier: MIT

#include "exchange/framing_filter.h"

namespace uwsgi {

void FramingFilter::Attach(const Context& context, ResponseOutput& output) {
  context_ = context;
  output_ = &output;
  head_bytes_ = 0;
  keeps_alive_ = false;
}

void FramingFilter::AppendHead(const ResponseHead& head, const protocol::ResponseFraming& framing,
                               bool keeps_alive) {
  protocol::AppendResponseHead(head, framing, output_->tail());
  head_bytes_ = output_->bytes_waiting();
  keeps_alive_ = keeps_alive;
}

std::string FramingFilter::SwitchProtocols(std::string_view fields) {
  ResponseHead head;
  head.status = "101 Switching Protocols";
  head.code = 101;
  head.fields = fields;
  protocol::ResponseFraming framing;
  framing.wire = Wire::kUwsgi;  // Its form adds nothing to the fields.
  framing.extra_fields = context_.extra_fields;
  std::string bytes;
  protocol::AppendResponseHead(head, framing, bytes);
  head_bytes_ = bytes.size();
  return bytes;
}

std::uint64_t FramingFilter::SendError(int code, std::string_view more_fields) {
  const protocol::SimpleResponse response =
      protocol::MakeSimpleResponse(code, CommonFraming(), context_.head_only, more_fields);
  output_->Clear();
  output_->tail() = response.head;
  output_->tail() += response.body;
  head_bytes_ = response.head.size();
  keeps_alive_ = false;
  static_cast<void>(output_->Send({}, {}, Rest::kEnd));
  return response.body.size();
}

}  // namespace uwsgi
