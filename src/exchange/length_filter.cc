// SPDX-License-Identifier: MIT

#include "exchange/length_filter.h"

#include <algorithm>

namespace uwsgi {

void LengthFilter::Attach(bool head_only, ResponseFilter& next) {
  next_ = &next;
  head_only_ = head_only;
  has_body_ = !head_only;
  is_overlong_ = false;
  promised_.reset();
  body_bytes_ = 0;
}

Passed LengthFilter::SendHead(ResponseHead& head, BodyPlan& plan) {
  has_body_ = !head_only_ && head.code != 204 && head.code != 205 && head.code != 304;
  plan.has_body = has_body_;
  plan.length = head.content_length;
  const Passed passed = next_->SendHead(head, plan);
  // The framing may have promised something where the application is silent.
  promised_ = plan.length;
  return passed;
}

std::uint64_t LengthFilter::Allowed(std::uint64_t count) {
  if (!has_body_) return 0;
  if (!promised_) return count;
  const std::uint64_t room = *promised_ - std::min(body_bytes_, *promised_);
  if (count > room) is_overlong_ = true;
  return std::min(count, room);
}

Passed LengthFilter::SendBody(const BodyPieces& body, Rest rest) {
  const std::uint64_t allowed = Allowed(body.size);
  body_bytes_ += allowed;
  if (rest == Rest::kEnd && is_short()) rest = Rest::kCut;
  return next_->SendBody({body.pieces, allowed}, rest);
}

Passed LengthFilter::SendFile(const FilePart& part, Rest rest) {
  FilePart allowed = part;
  allowed.count = Allowed(part.count);
  const Passed passed = next_->SendFile(allowed, rest);
  if (passed != Passed::kUnavailable) body_bytes_ += allowed.count;
  return passed;
}

void LengthFilter::Replace(std::uint64_t body_bytes) {
  body_bytes_ = body_bytes;
  promised_.reset();
}

}  // namespace uwsgi
