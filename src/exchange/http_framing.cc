// SPDX-License-Identifier: MIT

#include "exchange/http_framing.h"

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <string>

#include "os/clock.h"
#include "protocol/http_date.h"

namespace uwsgi {
namespace {

// The Date header's value, made once a second by each thread.
std::string_view CurrentDate() {
  thread_local std::time_t second = 0;
  thread_local std::string date;
  const auto now = std::chrono::system_clock::to_time_t(os::CoarseNow());
  if (now != second) {
    second = now;
    date = protocol::FormatHttpDate(now);
  }
  return date;
}

}  // namespace

protocol::ResponseFraming HttpFraming::CommonFraming() const {
  protocol::ResponseFraming framing;
  framing.wire = Wire::kHttp;
  framing.minor_version = context().minor_version;
  framing.extra_fields = context().extra_fields;
  framing.date = CurrentDate();
  return framing;
}

Passed HttpFraming::SendHead(ResponseHead& head, BodyPlan& plan) {
  // The body of a HEAD response tells its length, unless the application leaves it out.
  const bool counts = plan.has_body || (context().head_only && plan.whole.value_or(0) > 0);
  if (!plan.length && plan.whole && counts && head.code != 304) plan.length = plan.whole;
  if (head.code == 204) plan.length.reset();
  if (head.code == 205) plan.length = 0;
  const bool has_end = plan.length || !plan.has_body;
  is_chunked_ = !has_end && context().minor_version > 0;
  const bool is_end = head.wants_close || plan.kind == BodyPlan::Kind::kNone;
  bool keeps_alive = context().may_keep_alive && !is_end && (has_end || is_chunked_);
  context().body->NoteResponse();
  // The rest of the request's body would be in the way of the next request: say so.
  if (keeps_alive && plan.whole && !context().body->SkipRest()) keeps_alive = false;
  protocol::ResponseFraming framing = CommonFraming();
  framing.keep_alive = keeps_alive;
  framing.chunked = is_chunked_;
  framing.content_length = plan.length;
  AppendHead(head, framing, keeps_alive);
  return Passed::kOn;
}

void HttpFraming::BeginChunk(std::uint64_t size) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  output().tail().append(digits.data(), end).append("\r\n");
}

Passed HttpFraming::SendBody(const BodyPieces& body, Rest rest) {
  if (!is_chunked_) return output().Send(body, {}, rest);
  const bool is_last = rest == Rest::kEnd;
  std::string_view trailer = is_last ? "0\r\n\r\n" : "";
  if (body.size > 0) {
    BeginChunk(body.size);
    trailer = is_last ? "\r\n0\r\n\r\n" : "\r\n";
  }
  return output().Send(body, trailer, rest);
}

Passed HttpFraming::SendFile(const FilePart& part, Rest rest) {
  if (!is_chunked_ || part.count == 0) return output().SendFile(part, {}, rest);
  const std::size_t before = output().tail().size();
  BeginChunk(part.count);
  const Passed passed = output().SendFile(part, "\r\n", rest);
  if (passed == Passed::kUnavailable) output().tail().resize(before);
  return passed;
}

}  // namespace uwsgi
