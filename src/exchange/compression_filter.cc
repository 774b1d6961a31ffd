// SPDX-License-Identifier: MIT

#include "exchange/compression_filter.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "protocol/request_text.h"

namespace uwsgi {
namespace {

// Compressing more than this takes long enough to let other threads run meanwhile.
constexpr std::size_t kReleaseAbove = 8 * 1024;
// What is read of a file at a time.
constexpr std::size_t kFilePiece = 32 * 1024;

}  // namespace

void CompressionFilter::Attach(compression::Compressor& compressor, const Request& request,
                               ResponseFilter& next) {
  compressor_ = &compressor;
  request_ = &request;
  next_ = &next;
  head_ = nullptr;
}

void CompressionFilter::Release() {
  if (encoder_ != nullptr) compressor_->Return(std::move(encoder_));
}

void CompressionFilter::Reset(std::size_t capacity) {
  Release();
  for (std::string* text : {&plain_, &encoded_}) {
    text->clear();
    if (text->capacity() > capacity) text->shrink_to_fit();
  }
}

Passed CompressionFilter::SendHead(ResponseHead& head, BodyPlan& plan) {
  const bool is_contradictory =
      plan.whole && head.content_length && *plan.whole != *head.content_length;
  if (plan.kind != BodyPlan::Kind::kPieces || is_contradictory) return next_->SendHead(head, plan);
  const std::string_view accepted = protocol::FindVar(*request_, "HTTP_ACCEPT_ENCODING");
  const std::optional<std::uint64_t> size = head.content_length ? head.content_length : plan.whole;
  encoder_ = compressor_->Choose(head, accepted, size, fields_);
  if (!fields_.empty()) head.fields = fields_;
  if (encoder_ == nullptr) return next_->SendHead(head, plan);
  head_ = &head;
  plan_ = plan;
  return Passed::kOn;
}

bool CompressionFilter::Encode(compression::Flush flush) {
  std::optional<Aside> aside;
  if (plain_.size() >= kReleaseAbove) aside.emplace(waiter_);
  return encoder_->Encode(plain_, flush, encoded_);
}

Passed CompressionFilter::SendBody(const BodyPieces& body, Rest rest) {
  if (encoder_ == nullptr) return next_->SendBody(body, rest);
  if (rest == Rest::kCut) return Passed::kBroken;  // Its end would make it look complete.
  plain_.clear();
  for (const std::string_view piece : body.pieces) {
    plain_.append(piece.substr(0, static_cast<std::size_t>(body.size - plain_.size())));
  }
  encoded_.clear();
  const bool is_last = rest == Rest::kEnd;
  if (plan_.has_body && (is_last || !plain_.empty())) {
    if (!Encode(is_last ? compression::Flush::kFinish : compression::Flush::kSync)) {
      return Passed::kBroken;
    }
  }
  return SendEncoded(rest);
}

Passed CompressionFilter::SendEncoded(Rest rest) {
  if (head_ != nullptr) {
    BodyPlan plan = plan_;
    plan.whole.reset();
    plan.length.reset();
    if (rest == Rest::kEnd) plan.whole = encoded_.size();
    if (plan.has_body) plan.length = plan.whole;
    const Passed passed = next_->SendHead(*std::exchange(head_, nullptr), plan);
    if (passed != Passed::kOn) return passed;
  }
  const std::string_view encoded = encoded_;
  return next_->SendBody({{&encoded, 1}, encoded.size()}, rest);
}

Passed CompressionFilter::SendFile(const FilePart& part, Rest rest) {
  if (encoder_ == nullptr) return next_->SendFile(part, rest);
  // A response that began with pieces stays compressed, so the file is some pieces more.
  const int fd = part.shared != nullptr ? (*part.shared)->get() : part.fd;
  std::array<char, kFilePiece> buffer;
  for (std::uint64_t done = 0; done < part.count;) {
    const ssize_t got =
        ::pread(fd, buffer.data(), std::min<std::uint64_t>(buffer.size(), part.count - done),
                static_cast<off_t>(part.offset + done));
    if (got <= 0) return Passed::kBroken;
    done += static_cast<std::uint64_t>(got);
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
    const Passed passed =
        SendBody({{&piece, 1}, piece.size()}, done < part.count ? Rest::kMore : rest);
    if (passed != Passed::kOn) return passed;
  }
  return Passed::kOn;
}

}  // namespace uwsgi
