// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>

#include "exchange/response_filter.h"

namespace uwsgi {

// Holds a response to what it may be: no body where there is none (HEAD, 204, 205, 304), and no
// more than its Content-Length promises. Counts the body as the application sees it.
class LengthFilter final : public ResponseFilter {
 public:
  // Starts over. `next` outlives the response.
  void Attach(bool head_only, ResponseFilter& next);

  Passed SendHead(ResponseHead& head, BodyPlan& plan) override;
  Passed SendBody(const BodyPieces& body, Rest rest) override;
  Passed SendFile(const FilePart& part, Rest rest) override;
  // A response of the server's own was sent instead, with so much of a body.
  void Replace(std::uint64_t body_bytes);

  std::uint64_t body_bytes() const { return body_bytes_; }
  // What the client was promised, by whomever.
  std::optional<std::uint64_t> promised() const { return promised_; }
  // Less came than was promised.
  bool is_short() const { return promised_ && has_body_ && body_bytes_ < *promised_; }
  // Some was cut off at the end.
  bool is_overlong() const { return is_overlong_; }

 private:
  // How many of `count` bytes there is room for.
  std::uint64_t Allowed(std::uint64_t count);

  ResponseFilter* next_ = nullptr;
  bool head_only_ = false;
  bool has_body_ = true;
  bool is_overlong_ = false;
  std::optional<std::uint64_t> promised_;
  std::uint64_t body_bytes_ = 0;
};

}  // namespace uwsgi
